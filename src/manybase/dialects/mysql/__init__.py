"""MariaDB and MySQL: rules and drivers; what differs between the two are features and facts."""
