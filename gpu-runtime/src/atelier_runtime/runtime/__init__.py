"""What a device keeps between requests: reference K/V, and steps that are captured once per shape."""
