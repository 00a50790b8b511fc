"""make_wheel.py MODULES NAME VERSION OUT: a wheel of a pure Python package as Debian lays it out (NAME/ and NAME-VERSION.egg-info/)."""
import base64, hashlib, os, sys, zipfile

modules, name, version, out = sys.argv[1:]
info = f"{name}-{version}.dist-info"
record = []


def add(wheel, path, content):
    # the earliest date a zip can hold: the same package gives the same wheel
    wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    record.append(f"{path},sha256={digest},{len(content)}")


with zipfile.ZipFile(os.path.join(out, f"{name}-{version}-py3-none-any.whl"), "w") as wheel:
    for folder, folders, files in os.walk(os.path.join(modules, name)):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(folder, file)
            add(wheel, os.path.relpath(path, modules), open(path, "rb").read())
    add(wheel, f"{info}/METADATA", open(os.path.join(modules, f"{name}-{version}.egg-info", "PKG-INFO"), "rb").read())
    add(wheel, f"{info}/WHEEL", b"Wheel-Version: 1.0\nGenerator: trovestrap\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    record.append(f"{info}/RECORD,,")
    wheel.writestr(zipfile.ZipInfo(f"{info}/RECORD", (1980, 1, 1, 0, 0, 0)), "\n".join(record) + "\n", zipfile.ZIP_DEFLATED)
