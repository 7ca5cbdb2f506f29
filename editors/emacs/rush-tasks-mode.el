;;; rush-tasks-mode.el --- Task files of Rush  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages, tools

;;; Commentary:

;; Colours, indentation and comments for `tasks.rush', and the language server through Eglot, which
;; comes with Emacs 29 and is the package `eglot' before.
;;
;;   (require 'rush-tasks-mode)
;;   (add-hook 'rush-tasks-mode-hook #'eglot-ensure)
;;
;; `M-x rush-run' runs the task around point, in any task file that the workspace uses; where Eglot
;; is off, only what is in a `tasks.rush' is found.

;;; Code:

(require 'compile)
(require 'seq)

(defgroup rush-tasks nil
  "Task files of Rush."
  :group 'languages)

(defcustom rush-tasks-command "rush"
  "The program, with its directory if it is not on `exec-path'."
  :type 'string)

(defvar rush-tasks-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "w" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?` "\"" table)
    table))

(defconst rush-tasks-font-lock-keywords
  `((,(rx line-start
          (group (or "task" "template" "service" "secret" "profile" "workspace"
                     "let" "param" "fn" "type" "use" "check"))
          (? (+ space) (group (+ word))))
     (1 font-lock-keyword-face)
     (2 font-lock-function-name-face nil t))
    (,(rx symbol-start (or "extends" "if" "then" "else" "for" "in" "as" "let" "check") symbol-end)
     . font-lock-keyword-face)
    (,(rx symbol-start (or "true" "false" "none") symbol-end) . font-lock-constant-face)
    (,(rx symbol-start
          (or "bool" "int" "float" "string" "duration" "size" "path" "glob" "regex" "cron"
              "command" "map")
          symbol-end)
     . font-lock-type-face)
    (,(rx symbol-start (group (+ word)) (* space) ":") (1 font-lock-variable-name-face))))

(defun rush-tasks-indent-line ()
  "Indent by the brackets around the line; the formatter decides in the end."
  (let* ((state (save-excursion (syntax-ppss (line-beginning-position))))
         (closes (save-excursion (back-to-indentation) (looking-at-p "[])}]")))
         (depth (max 0 (- (car state) (if closes 1 0)))))
    (unless (nth 3 state)
      (let ((point (- (point-max) (point))))
        (indent-line-to (* 2 depth))
        (when (> (- (point-max) point) (point))
          (goto-char (- (point-max) point)))))))

(defun rush-tasks--set-up ()
  "What every buffer with Rush in it has."
  (setq-local comment-start "// "
              comment-start-skip "//+!?[ \t]*"
              comment-end ""
              indent-tabs-mode nil
              indent-line-function #'rush-tasks-indent-line
              font-lock-defaults '(rush-tasks-font-lock-keywords)))

;;;###autoload
(define-derived-mode rush-tasks-mode prog-mode "Rush"
  "Major mode for task files of Rush."
  (rush-tasks--set-up))

;; No child of the mode above: what hooks do there, such as to start a server, is not wanted here.
(define-derived-mode rush-tasks-page-mode prog-mode "Rush page"
  "Major mode for the file in which the kinds of Rush and their fields are declared."
  :syntax-table rush-tasks-mode-syntax-table
  (rush-tasks--set-up)
  (setq buffer-read-only t))

;; A legacy `.rush' is YAML and has no name before the dot.
;;;###autoload
(add-to-list 'auto-mode-alist '("[^/]\\.rush\\'" . rush-tasks-mode))

(declare-function eglot-current-server "eglot")
(declare-function eglot--TextDocumentPositionParams "eglot")
(declare-function eglot--signal-textDocument/didChange "eglot")
(declare-function jsonrpc-request "jsonrpc")

(defun rush-tasks--task-of-server (server)
  "What SERVER says of the task around point: a plist with `:label' and `:directory', or nil."
  (eglot--signal-textDocument/didChange)
  (ignore-errors
    (jsonrpc-request server :rush/taskAt (eglot--TextDocumentPositionParams) :timeout 5)))

(defun rush-tasks--task-in-text ()
  "The task around point by the look of the lines: a plist with `:label', or nil."
  (save-excursion
    (end-of-line)
    (when (and buffer-file-name
               (equal (file-name-nondirectory buffer-file-name) "tasks.rush")
               (re-search-backward "^\\(task[ \t]+\\([[:word:]]+\\)\\|[[:word:]]\\)" nil t)
               (match-string 2))
      (list :label (match-string-no-properties 2)))))

(defun rush-tasks-task-at-point ()
  "The task around point, or nil.
A plist with its `:label', with the `:directory' in which that holds unless it is the buffer's, and
with the `:arguments' of a call if some must be given."
  (let ((server (and (fboundp 'eglot-current-server) (eglot-current-server))))
    (if server (rush-tasks--task-of-server server) (rush-tasks--task-in-text))))

(defun rush-tasks--names ()
  "The tasks that can be run from `default-directory'."
  ;; What is said of mistakes comes with the names.
  (seq-remove (lambda (it) (string-search " " it))
              (ignore-errors (process-lines rush-tasks-command "list" "-o" "names"))))

(defun rush-run (task &optional directory)
  "Run TASK, a label or a call, in DIRECTORY; by default the one around point."
  (interactive
   (let* ((here (and (derived-mode-p 'rush-tasks-mode) (rush-tasks-task-at-point)))
          (arguments (plist-get here :arguments))
          (default (and here (concat (plist-get here :label)
                                     (and arguments (format "(%s)" arguments)))))
          (default-directory (or (plist-get here :directory) default-directory)))
     (list (completing-read
            (if default (format "Run task (%s): " default) "Run task: ")
            (rush-tasks--names) nil nil (and arguments default) nil default)
           default-directory)))
  (let ((default-directory (file-name-as-directory (or directory default-directory))))
    (compile (format "%s run %s" (shell-quote-argument rush-tasks-command)
                     (shell-quote-argument task)))))

(defconst rush-tasks--pages (locate-user-emacs-file "rush-tasks/")
  "The folder in which pages of the server are kept.")

(add-to-list 'auto-mode-alist
             (cons (concat "\\`" (regexp-quote (expand-file-name rush-tasks--pages)))
                   'rush-tasks-page-mode))

(defun rush-tasks--page (server uri)
  "Ask SERVER for the page at URI, and return the name of a file that has it."
  (let ((file (expand-file-name (file-name-nondirectory uri) rush-tasks--pages))
        (page (jsonrpc-request server :rush/preludeText (list :uri uri) :timeout 5)))
    (make-directory rush-tasks--pages t)
    (let ((coding-system-for-write 'utf-8-unix))
      (write-region (plist-get page :text) nil file nil 'silent))
    file))

(defun rush-tasks--uri-to-path (convert uri)
  "The file for URI as CONVERT says, or for the prelude, which is on no disk, one that has its text."
  (let ((server (and (stringp uri) (string-prefix-p "rush-prelude:" uri) (eglot-current-server))))
    (if server (rush-tasks--page server uri) (funcall convert uri))))

(with-eval-after-load 'eglot
  ;; Newer ones have the name without the two dashes.
  (advice-add (if (fboundp 'eglot-uri-to-path) 'eglot-uri-to-path 'eglot--uri-to-path)
              :around #'rush-tasks--uri-to-path)
  (add-to-list 'eglot-server-programs
               `(rush-tasks-mode . (,rush-tasks-command "lsp"))))

(provide 'rush-tasks-mode)
;;; rush-tasks-mode.el ends here
