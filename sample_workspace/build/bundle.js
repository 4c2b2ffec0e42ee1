bundle = "nobody should find the retry logic in here"
