"""What a plugin is: files, configuration, requirements and manifests, as pure values."""
