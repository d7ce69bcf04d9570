"""Who works: `embedded` runs everything in one process, by itself, in a cron job or beside the shop."""
