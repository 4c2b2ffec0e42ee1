"""The weights of codekin's deep model. There is no code; codekin reads the files of this folder."""
