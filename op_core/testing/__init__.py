"""What tests of op-core, of adapters and of shops share."""
