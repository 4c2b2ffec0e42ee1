;;; codekin.el --- Search code by meaning -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: tools, matching

;;; Commentary:

;; `codekin-search' and `codekin-related' show what they find through xref.
;; They ask the codekin server of eglot or lsp-mode where the buffer has one,
;; else a server of their own for the project.  Hover and workspace symbols
;; are eglot's and lsp-mode's.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'project)
(require 'seq)
(require 'subr-x)
(require 'url-util)
(require 'xref)

(defgroup codekin nil
  "Search code by meaning."
  :group 'tools)

(defcustom codekin-command '("codekin" "serve")
  "The language server and its arguments."
  :type '(repeat string))

(defcustom codekin-limit 50
  "Maximum number of results."
  :type 'natnum)

(defcustom codekin-options nil
  "Settings for the server as a plist in camelCase, as in (:maxFileBytes 500000)."
  :type 'plist)

(defvar codekin--connections nil "Our own servers: an alist from root to connection.")

(declare-function eglot-current-server "eglot")
(declare-function eglot--server-info "eglot")
(declare-function lsp-find-workspace "lsp-mode")
(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(defvar eglot-server-programs)
(defvar lsp--cur-workspace)

;;;###autoload
(defun codekin-search (query)
  "Search the project's code for QUERY: a question, a name, a path."
  (interactive (list (read-string "Search code: " nil nil (thing-at-point 'symbol t))))
  (codekin--show "codekin/search" (list :query query :limit codekin-limit)))

;;;###autoload
(defun codekin-related (start end)
  "Show code like the lines from START to END: the region's, or the line at point."
  (interactive (if (use-region-p)
                   (list (region-beginning) (region-end))
                 (list (line-beginning-position) (line-end-position))))
  (let ((range (list :start (list :line (1- (line-number-at-pos start t)) :character 0)
                     :end (list :line (line-number-at-pos end t) :character 0))))
    (codekin--show "codekin/related"
                   (list :textDocument (list :uri (codekin--uri buffer-file-name))
                         :range range :limit codekin-limit))))

;;;###autoload
(defun codekin-setup-eglot (&rest modes)
  "Make codekin eglot's server in MODES.  Eglot runs one server in a mode."
  (require 'eglot)
  (push (cons modes codekin-command) eglot-server-programs))

;;;###autoload
(defun codekin-setup-lsp-mode ()
  "Add codekin to lsp-mode, beside the servers of each language."
  (require 'lsp-mode)
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection (lambda () codekin-command))
                    :activation-fn (lambda (file _mode) (and file t))
                    :initialization-options (lambda () codekin-options)
                    :notification-handlers
                    (let ((handlers (make-hash-table :test 'equal)))
                      (puthash "codekin/statusChanged" #'ignore handlers)
                      handlers)
                    :add-on? t
                    :priority -5
                    :server-id 'codekin)))

(defvar codekin--reasons nil
  "What the server said about the last answer, or nil.")

(defun codekin--show (method params)
  "Show the answer to METHOD with PARAMS through xref."
  (let* ((buffer (current-buffer))
         (fetch (lambda ()
                  (if (buffer-live-p buffer)
                      (with-current-buffer buffer (codekin--xrefs (codekin--request method params)))
                    (codekin--xrefs (codekin--request method params)))))
         (found (funcall fetch)))
    (unless found
      (user-error "Codekin: nothing found%s" (if codekin--reasons (concat ": " codekin--reasons) "")))
    ;; The first result is at hand; asked again, as by `g', it is searched for again.
    (xref-push-marker-stack)
    (funcall xref-show-xrefs-function
             (lambda () (prog1 (or found (funcall fetch)) (setq found nil)))
             (list (cons 'window (selected-window))
                   (cons 'display-action nil)
                   (cons 'auto-jump (bound-and-true-p xref-auto-jump-to-first-xref))))))

(defun codekin--xrefs (answer)
  "The results of ANSWER as xrefs.
Says so when the index is not complete, when all matches are weak, or when a
filter was not understood."
  (setq codekin--reasons (let ((reasons (append (codekin--get answer :reasons) nil)))
                           (when reasons (string-join reasons " "))))
  (when codekin--reasons
    (message "Codekin: %s" codekin--reasons))
  (let ((coverage (codekin--get answer :coverage)))
    (when (memq (codekin--get coverage :complete) '(nil :json-false))
      (message "Codekin: %d of %d files so far"
               (codekin--get coverage :indexed) (codekin--get coverage :total))))
  (mapcar (lambda (result)
            (xref-make (codekin--summary result) (codekin--location result)))
          (codekin--get answer :results)))

(defun codekin--summary (result)
  "RESULT in one line: of a commit hash, title, author and day."
  (let ((symbol (codekin--get result :symbol))
        (commit (codekin--get result :commit))
        (number (codekin--get result :pullRequest)))
    (if commit
        (format "%s %s %s (%s, %s)"
                (if number (format "pull request #%d" number) "commit")
                (codekin--short commit) (propertize symbol 'face 'bold)
                (codekin--get result :author) (codekin--get result :date))
      (concat (unless (string-empty-p symbol)
                (concat (propertize symbol 'face 'bold) ": "))
              (codekin--line result)))))

(defun codekin--line (result)
  "The line at which RESULT opens, or the first one with text."
  (let* ((snippet (codekin--get result :snippet))
         (focus (codekin--get result :focus))
         (skipped (if focus
                      (- (codekin--get (codekin--get focus :start) :line)
                         (codekin--get (codekin--get (codekin--get result :range) :start) :line))
                    0))
         (line (string-trim (or (nth skipped (split-string snippet "\n")) ""))))
    (if (string-empty-p line) (car (split-string snippet "\n" t "[ \t\r]+")) line)))

(defun codekin--short (hash)
  "The beginning of HASH."
  (substring hash 0 7))

(defun codekin--location (result)
  "Where RESULT is: a place in a file, a commit, or a file as of a commit."
  (let* ((uri (codekin--get result :uri))
         (path (codekin--get result :path))
         (revision (codekin--get result :revision))
         (start (codekin--get (or (codekin--get result :focus) (codekin--get result :range)) :start))
         (line (1+ (codekin--get start :line)))
         (column (codekin--get start :character)))
    (cond ((codekin--get result :commit)
           (make-codekin-past :uri uri :group "Commits and pull requests" :asker (current-buffer)))
          (revision
           (make-codekin-past :uri uri :group (format "%s at %s" path (codekin--short revision))
                              :asker (current-buffer) :path path :line line))
          ((equal (codekin--get result :kind) "directory")
           (xref-make-file-location (file-name-as-directory (codekin--file uri)) line 0))
          (t (xref-make-file-location (codekin--file uri) line column)))))

(cl-defstruct codekin-past
  "What is in no file: a commit, or, where PATH and LINE are, a file as of one.
ASKER is the buffer whose server knows the URI."
  uri group asker path line)

(cl-defmethod xref-location-group ((location codekin-past))
  (codekin-past-group location))

(cl-defmethod xref-location-line ((location codekin-past))
  (codekin-past-line location))

(cl-defmethod xref-location-marker ((location codekin-past))
  (with-current-buffer (codekin--past-buffer location)
    (save-excursion
      (goto-char (point-min))
      (forward-line (1- (or (codekin-past-line location) 1)))
      (point-marker))))

(defun codekin--past-buffer (location)
  "A buffer that shows LOCATION, coloured, to be read only."
  (let* ((uri (codekin-past-uri location))
         (path (codekin-past-path location))
         (asker (codekin-past-asker location))
         (name (format "*codekin %s*" (if path (codekin-past-group location) uri))))
    (or (get-buffer name)
        (let ((answer (with-current-buffer (if (buffer-live-p asker) asker (current-buffer))
                        (codekin--request "codekin/commit" (list :uri uri)))))
          (with-current-buffer (get-buffer-create name)
            (insert (codekin--get answer :text))
            (if path
                (let ((buffer-file-name path)) (delay-mode-hooks (set-auto-mode)))
              (diff-mode))
            (set-buffer-modified-p nil)
            (setq buffer-read-only t)
            (current-buffer))))))

(defun codekin--get (object key)
  "The value of KEY, a keyword, in OBJECT: a plist or a hash table of lsp-mode."
  (if (hash-table-p object)
      (gethash (substring (symbol-name key) 1) object)
    (plist-get object key)))

(defun codekin--request (method params)
  "The answer to METHOD with PARAMS of the server that knows this buffer."
  (let ((workspace (codekin--lsp-workspace)))
    (if workspace
        (let ((lsp--cur-workspace workspace))
          (lsp-request method params))
      (jsonrpc-request (or (codekin--eglot-server) (codekin--own-server))
                       (intern (concat ":" method)) params))))

(defun codekin--lsp-workspace ()
  "The workspace of lsp-mode where codekin serves this buffer, or nil."
  (and (bound-and-true-p lsp-mode)
       buffer-file-name
       (lsp-find-workspace 'codekin buffer-file-name)))

(defun codekin--eglot-server ()
  "Eglot's server for this buffer if that is codekin, or nil."
  (let ((server (and (fboundp 'eglot-current-server) (eglot-current-server))))
    (and server
         (equal (plist-get (eglot--server-info server) :name) "codekin")
         server)))

(defun codekin--own-server ()
  "The connection of this project; its server is started when there is none."
  (let* ((project (project-current))
         (root (expand-file-name
                (if project (project-root project) default-directory)))
         (known (cdr (assoc root codekin--connections))))
    (if (and known (jsonrpc-running-p known))
        known
      (let ((connection (codekin--start root)))
        (setf (alist-get root codekin--connections nil nil #'equal) connection)))))

(defun codekin--start (root)
  "Start a server for ROOT and return the connection to it."
  (let ((connection
         (make-instance 'jsonrpc-process-connection
                        :name "codekin"
                        :process (make-process :name "codekin"
                                               :command codekin-command
                                               :connection-type 'pipe
                                               :coding 'utf-8-emacs-unix
                                               :noquery t
                                               :stderr (get-buffer-create " *codekin stderr*"))
                        :notification-dispatcher #'ignore
                        :request-dispatcher #'ignore))
        (uri (codekin--uri (directory-file-name root))))
    (jsonrpc-request connection :initialize
                     (append (list :processId (emacs-pid)
                                   :rootUri uri
                                   :workspaceFolders (vector (list :uri uri :name (file-name-nondirectory
                                                                                   (directory-file-name root))))
                                   :capabilities (make-hash-table))
                             (and codekin-options (list :initializationOptions codekin-options))))
    (jsonrpc-notify connection :initialized (make-hash-table))
    connection))

(defun codekin--uri (file)
  "The URI of FILE."
  (unless file
    (user-error "This buffer visits no file"))
  (concat "file://" (url-hexify-string (file-truename file) url-path-allowed-chars)))

(defun codekin--file (uri)
  "The file of URI."
  (decode-coding-string (url-unhex-string (string-remove-prefix "file://" uri)) 'utf-8))

(provide 'codekin)
;;; codekin.el ends here
