"""The build wing's only way to the network: wanted things become locked objects."""
