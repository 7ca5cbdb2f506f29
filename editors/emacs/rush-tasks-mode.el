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
;; `M-x rush-run' runs the task around point.

;;; Code:

(require 'compile)

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

;;;###autoload
(define-derived-mode rush-tasks-mode prog-mode "Rush"
  "Major mode for task files of Rush."
  (setq-local comment-start "// "
              comment-start-skip "//+!?[ \t]*"
              comment-end ""
              indent-tabs-mode nil
              indent-line-function #'rush-tasks-indent-line
              font-lock-defaults '(rush-tasks-font-lock-keywords)))

;; A legacy `.rush' is YAML and has no name before the dot.
;;;###autoload
(add-to-list 'auto-mode-alist '("[^/]\\.rush\\'" . rush-tasks-mode))

(defun rush-tasks-task-at-point ()
  "The name of the task around point, or nil."
  (save-excursion
    (end-of-line)
    (when (re-search-backward "^\\(task[ \t]+\\([[:word:]]+\\)\\|[[:word:]]\\)" nil t)
      (match-string-no-properties 2))))

(defun rush-run (task)
  "Run TASK, by default the one around point."
  (interactive
   (list (let ((default (rush-tasks-task-at-point)))
           (completing-read
            (if default (format "Run task (%s): " default) "Run task: ")
            (process-lines rush-tasks-command "list" "-o" "names") nil nil nil nil default))))
  (compile (format "%s run %s" (shell-quote-argument rush-tasks-command)
                   (shell-quote-argument task))))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               `(rush-tasks-mode . (,rush-tasks-command "lsp"))))

(provide 'rush-tasks-mode)
;;; rush-tasks-mode.el ends here
