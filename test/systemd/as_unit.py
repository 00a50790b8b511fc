"""as_unit.py UNIT PLACE COMMAND...: runs a command as systemd would run it under a unit's sandbox, as far as that goes without systemd.

SystemCallFilter is read from the unit. Done by hand, as its other settings do it: everything read-only but PLACE (ProtectSystem=strict, StateDirectory),
another /proc (ProtectProc=invisible, ProcSubset=pid), no capabilities (CapabilityBoundingSet=, NoNewPrivileges), a user namespace that knows its user alone
(PrivateUsers). Started by root in mounts of its own: unshare --mount --propagation private.
"""
import ctypes, os, subprocess, sys

unit, place, command = sys.argv[1], os.path.realpath(sys.argv[2]), sys.argv[3:]
lines = open(unit).read().splitlines()
libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL('libseccomp.so.2')
seccomp.seccomp_init.restype = ctypes.c_void_p
USER = 60700
ALLOW, SAY_EPERM = 0x7FFF0000, 0x00050001
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CLONE_NEWUSER = 4, 24, 38, 0x10000000


def read_only():
    subprocess.run(['mount', '--bind', place, place], check=True)
    for point in {line.split()[4] for line in open('/proc/self/mountinfo')} - {place}:
        if not point.startswith(('/proc', '/dev', '/sys')) or point == os.path.dirname(place):
            subprocess.run(['mount', '-o', 'remount,bind,ro', point], stderr=subprocess.DEVNULL)
    subprocess.run(['mount', '-t', 'proc', '-o', 'subset=pid,hidepid=invisible', 'proc', '/proc'], check=True)


def become_user():
    os.setgroups([])
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgid(USER)
    os.setuid(USER)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit('no user namespace: ' + os.strerror(ctypes.get_errno()))
    for name, text in (('setgroups', 'deny'), ('uid_map', f'{USER} {USER} 1'), ('gid_map', f'{USER} {USER} 1')):
        open(f'/proc/self/{name}', 'w').write(text)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def members(name):
    """Of a group of system calls, as this machine's systemd knows it."""
    if not name.startswith('@'):
        return {name}
    said = subprocess.run(['systemd-analyze', 'syscall-filter', name], check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    return set().union(*(members(line.strip()) for line in said if line.strip() and not line.strip().startswith('#')))


def allowed_calls():
    wanted = [line.split('=', 1)[1] for line in lines if line.startswith('SystemCallFilter=')]
    calls = set()
    for value in wanted:
        named = set().union(*(members(name) for name in value.lstrip('~').split()))
        calls = calls - named if value.startswith('~') else calls | named
    return calls


def forbid_all_but(calls):
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(SAY_EPERM)))
    for name in calls:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            seccomp.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
    if seccomp.seccomp_load(context) != 0:
        sys.exit('the filter of system calls could not be loaded')


calls = allowed_calls()
read_only()
become_user()
forbid_all_but(calls)
os.execvp(command[0], command)
