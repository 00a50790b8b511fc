-- Five of the 29 tables that `trove-manage db_sync` of Trove 18.0.0 (Zed) makes in SQLite, as sqlite_master has them.
CREATE TABLE datastore_versions (
	id VARCHAR(36) NOT NULL, 
	datastore_id VARCHAR(36), 
	name VARCHAR(255), 
	image_id VARCHAR(36), 
	packages VARCHAR(511), 
	active BOOLEAN NOT NULL, 
	manager VARCHAR(255), 
	image_tags VARCHAR(255), 
	version VARCHAR(255), 
	PRIMARY KEY (id), 
	CONSTRAINT ds_versions UNIQUE (datastore_id, name, version), 
	FOREIGN KEY(datastore_id) REFERENCES datastores (id)
);
CREATE TABLE datastores (
	id VARCHAR(36) NOT NULL, 
	name VARCHAR(255), 
	default_version_id VARCHAR(36), 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
CREATE TABLE instance_faults (
	id VARCHAR(64) NOT NULL, 
	instance_id VARCHAR(64) NOT NULL, 
	message VARCHAR(255) NOT NULL, 
	details TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	updated DATETIME NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	deleted_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(instance_id) REFERENCES instances (id) ON DELETE CASCADE ON UPDATE CASCADE, 
	CHECK (deleted IN (0, 1))
);
CREATE TABLE instances (
	id VARCHAR(36) NOT NULL, 
	created DATETIME, 
	updated DATETIME, 
	name VARCHAR(255), 
	hostname VARCHAR(255), 
	compute_instance_id VARCHAR(36), 
	task_id INTEGER, 
	task_description VARCHAR(255), 
	task_start_time DATETIME, 
	volume_id VARCHAR(36), 
	flavor_id VARCHAR(255), 
	volume_size INTEGER, 
	tenant_id VARCHAR(36), 
	server_status VARCHAR(64), 
	deleted BOOLEAN, 
	deleted_at DATETIME, 
	datastore_version_id VARCHAR(36), 
	configuration_id VARCHAR(36), 
	slave_of_id VARCHAR(36), 
	cluster_id VARCHAR(36), 
	shard_id VARCHAR(36), 
	type VARCHAR(64), 
	region_id VARCHAR(255), 
	encrypted_key VARCHAR(255), access TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(datastore_version_id) REFERENCES datastore_versions (id), 
	FOREIGN KEY(configuration_id) REFERENCES configurations (id), 
	FOREIGN KEY(slave_of_id) REFERENCES instances (id), 
	FOREIGN KEY(cluster_id) REFERENCES clusters (id)
);
CREATE TABLE service_statuses (
	id VARCHAR(36) NOT NULL, 
	instance_id VARCHAR(36) NOT NULL, 
	status_id INTEGER NOT NULL, 
	status_description VARCHAR(64) NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (id)
);
