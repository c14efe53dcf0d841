"""What came of the calls, compared with what comes of the right ones by what it means."""
