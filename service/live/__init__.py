"""Live sessions: places, processes, and the life of one."""
