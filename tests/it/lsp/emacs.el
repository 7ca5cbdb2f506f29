;;; Opens a file in Emacs with Eglot and writes down what is shown and offered.  -*- lexical-binding: t; -*-
;; The test sets RUSH_COMMAND, RUSH_EDITOR_CONFIG, RUSH_FILE and RUSH_REPORT.

(require 'json)
(require 'project)
(require 'eglot)
(require 'flymake)

(defvar rush-test-patience 30)

(defun rush-test-wait (what done)
  "Wait until DONE returns non-nil, and fail with WHAT if it never does."
  (let ((end (+ (float-time) rush-test-patience)) found)
    (while (and (not (setq found (funcall done))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or found (error "%s" what))))

(defun rush-test-diagnostic (it)
  "What is shown of the diagnostic IT."
  `((line . ,(1- (line-number-at-pos (flymake-diagnostic-beg it))))
    (text . ,(buffer-substring-no-properties (flymake-diagnostic-beg it) (flymake-diagnostic-end it)))
    (message . ,(flymake-diagnostic-text it))))

(defun rush-test-session ()
  "Do what a person does, and return what is seen."
  (load (getenv "RUSH_EDITOR_CONFIG") nil t)
  (setq rush-tasks-command (getenv "RUSH_COMMAND")
        eglot-sync-connect rush-test-patience
        eglot-server-programs `((rush-tasks-mode . (,(getenv "RUSH_COMMAND") "lsp"))))
  (find-file (getenv "RUSH_FILE"))
  (unless (eq major-mode 'rush-tasks-mode) (error "The mode is `%s'" major-mode))
  (apply #'eglot (eglot--guess-contact))
  (rush-test-wait "no diagnostic was shown"
                  (lambda () (flymake-start) (accept-process-output nil 0.05) (flymake-diagnostics)))
  (let ((shown (mapcar #'rush-test-diagnostic (flymake-diagnostics))))
    (goto-char (point-min))
    (search-forward "needs: [")
    (let* ((at-point (rush-test-wait "no completion was offered" #'eglot-completion-at-point))
           (names (all-completions "" (nth 2 at-point))))
      `((diagnostics . ,(vconcat shown))
        (completions . ,(vconcat (mapcar #'substring-no-properties names)))
        (task . ,(rush-tasks-task-at-point))
        (in_text . ,(plist-get (rush-tasks--task-in-text) :label))
        (prelude . ,(rush-test-prelude))
        ,@(rush-test-library)))))

(defun rush-test-prelude ()
  "Where `M-.' leads from the name of a field that each task has, and lead back."
  (goto-char (point-min))
  (search-forward "need")
  (call-interactively #'xref-find-definitions)
  (prog1 `((mode . ,major-mode)
           (line . ,(string-trim (thing-at-point 'line t)))
           (read_only . ,buffer-read-only)
           (served . ,(and (bound-and-true-p eglot--managed-mode) t)))
    (xref-pop-marker-stack)))

(defun rush-test-library ()
  "What is known of tasks in a file that is no `tasks.rush', and run one of them."
  (find-file "lib.rush")
  (rush-test-wait "the file has no server" #'eglot-current-server)
  (search-forward "echo")
  (let ((library (rush-tasks-task-at-point)) (default-directory "/"))
    (rush-run "lib.build(n: 3)" (plist-get library :directory))
    (rush-test-wait "the task did not run"
                    (lambda () (not (process-live-p (get-buffer-process "*compilation*")))))
    (search-forward "let x")
    `((library . ,library)
      (elsewhere . ,(rush-tasks-task-at-point)))))

(let ((report (condition-case problem (rush-test-session)
                (error `((problem . ,(error-message-string problem)))))))
  (with-temp-file (getenv "RUSH_REPORT") (insert (json-encode report))))
(ignore-errors (eglot-shutdown-all))
(kill-emacs)
;;; emacs.el ends here
