/** The question that many tests ask of the sample workspace. */
export const QUESTION = "where is the retry logic?";
/** The file and line of its second result. */
export const SECOND = ["middleware.go", 11];
