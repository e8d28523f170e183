"""Every public method asks for its route once; a table says where and why."""
