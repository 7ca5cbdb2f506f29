// The part of the grammar that needs more than the next letters.
//
// - A newline separates entries, or it counts for nothing: that depends on what the next line begins
//   with. All newlines pass through here, so the indentation of the current line is always known.
// - An item begins at column 0. Its first word is a token of its own, whatever the parser expects, so
//   that damage ends where the next item begins.
// - Some signs only mean what they do on the line of what they follow: `:` `=` `(` `[` `{`.
// - What is left open is closed where it has to end, so that the tree keeps its shape. The parser is
//   told at the end of the item.
// - Texts, commands and scripts. What is open is a stack of frames: texts, and holes inside them.
//
// `crates/rush-syntax` has the same rules in `split.rs`, `lex/block.rs` and `lex/quote.rs`; a test
// compares the two on the corpus and on damaged versions of it.

#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"

#include <string.h>

// The order is that of `externals` in `grammar.js`.
enum TokenType {
    NEWLINE,
    LINE,
    USE,
    LET,
    PARAM,
    FN,
    TYPE,
    CHECK,
    KIND_ITEM,
    KIND,
    COLON,
    EQUALS,
    CALL_OPEN,
    INDEX_OPEN,
    BLOCK_OPEN,
    SPREAD,
    TEXT_OPEN,
    RAW_OPEN,
    COMMAND_OPEN,
    INTERPRETER,
    SCRIPT_OPEN,
    CONTENT,
    ESCAPE,
    HOLE_OPEN,
    HOLE_CLOSE,
    TEXT_CLOSE,
    UNCLOSED,
    MISTAKE,
    CORRECTION,
    ERROR_SENTINEL,
};

// What is open.
enum Sort { TEXT, COMMAND, VERBATIM, HOLE };

// What closes it. `LINES` is `"""` at the indentation of the line that opened it.
enum Closer { QUOTE, TRIPLE, TICK, LINES };

typedef struct {
    uint8_t sort;
    uint8_t closer;
    uint8_t quote; // of a command: the quote its text is in, or 0
    uint16_t indent;
} Frame;

#define FRAMES_MAX 64
#define WORD_MAX 24

typedef struct {
    uint16_t indent;      // of the current line
    bool is_after_tag;    // the tag of a script was the last token
    bool has_mistake;     // the parser has yet to hear of a mistake that was mended here
    uint8_t depth;
    Frame frames[FRAMES_MAX];
} Scanner;

// ---- Letters and words ----

static bool is_word_start(int32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(int32_t c) { return is_word_start(c) || (c >= '0' && c <= '9'); }

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == 0xFEFF; }

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

static void skip(TSLexer *lexer) { lexer->advance(lexer, true); }

static bool at_end(TSLexer *lexer) { return lexer->eof(lexer); }

static bool at_line_end(TSLexer *lexer) { return at_end(lexer) || lexer->lookahead == '\n'; }

static bool token(TSLexer *lexer, enum TokenType type) {
    lexer->result_symbol = type;
    return true;
}

// Reads a word; one that is too long to mean anything is cut.
static void read_word(TSLexer *lexer, char *out) {
    unsigned length = 0;
    while (is_word(lexer->lookahead)) {
        if (length < WORD_MAX - 1) out[length++] = (char)lexer->lookahead;
        advance(lexer);
    }
    out[length] = 0;
}

static bool is_one_of(const char *word, const char *const *words) {
    for (; *words; words++) {
        if (strcmp(word, *words) == 0) return true;
    }
    return false;
}

static const char *const KINDS[] = {"task", "template", "service", "secret", "profile", "workspace", NULL};

static const char *const TAGS[] = {"sh", "bash", "zsh", "fish", "pwsh", "python", "node", "ruby", "nu", NULL};

// ---- Frames ----

static Frame *top(Scanner *scanner) {
    return scanner->depth > 0 ? &scanner->frames[scanner->depth - 1] : NULL;
}

static bool is_in_hole(const Scanner *scanner) {
    for (unsigned i = 0; i < scanner->depth; i++) {
        if (scanner->frames[i].sort == HOLE) return true;
    }
    return false;
}

static bool push(Scanner *scanner, uint8_t sort, uint8_t closer) {
    if (scanner->depth == FRAMES_MAX) return false;
    Frame frame = {.sort = sort, .closer = closer, .quote = 0, .indent = scanner->indent};
    scanner->frames[scanner->depth++] = frame;
    return true;
}

// Opens what begins with the quotes that come next.
static bool open_quotes(Scanner *scanner, TSLexer *lexer, uint8_t sort, enum TokenType type) {
    uint8_t closer = QUOTE;
    advance(lexer);
    lexer->mark_end(lexer);
    if (lexer->lookahead == '"') {
        advance(lexer);
        if (lexer->lookahead == '"') {
            advance(lexer);
            lexer->mark_end(lexer);
            while (!at_end(lexer) && is_blank(lexer->lookahead)) advance(lexer);
            closer = at_line_end(lexer) && !is_in_hole(scanner) ? LINES : TRIPLE;
        }
    }
    return push(scanner, sort, closer) && token(lexer, type);
}

// Stands for what should have closed here. It is empty, so the parser must not be recovering: then it
// would take any number of them.
static bool mend(Scanner *scanner, TSLexer *lexer, enum TokenType type) {
    scanner->has_mistake = true;
    return token(lexer, type);
}

// A line ends inside a hole, which ends with it.
static bool close_hole(Scanner *scanner, TSLexer *lexer, const bool *valid) {
    lexer->mark_end(lexer);
    if (valid[UNCLOSED]) return mend(scanner, lexer, UNCLOSED);
    if (!valid[HOLE_CLOSE]) return false;
    scanner->depth--;
    return mend(scanner, lexer, HOLE_CLOSE);
}

// ---- The content of a text ----

typedef enum { IN_BODY, AT_CLOSER, OUTSIDE } LineSort;

// Goes to the next line of a body that has content, past the newline the lexer stands on.
static LineSort next_body_line(const Frame *frame, TSLexer *lexer) {
    unsigned column = 0;
    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') {
        if (at_end(lexer)) return OUTSIDE;
        column = lexer->lookahead == '\n' ? 0 : column + (lexer->lookahead != '\r');
        advance(lexer);
    }
    if (at_end(lexer)) return OUTSIDE;
    if (column > frame->indent) return IN_BODY;
    return column == frame->indent && lexer->lookahead == '"' ? AT_CLOSER : OUTSIDE;
}

// Takes `count` quotes, if as many come next.
static bool take_quotes(TSLexer *lexer, unsigned count) {
    for (; count > 0; count--) {
        if (lexer->lookahead != '"') return false;
        advance(lexer);
    }
    return true;
}

static bool take_unicode_escape(TSLexer *lexer) {
    advance(lexer);
    if (lexer->lookahead != '{') return false;
    advance(lexer);
    unsigned digits = 0;
    uint32_t code = 0;
    for (;; digits++, advance(lexer)) {
        int32_t c = lexer->lookahead;
        int32_t letter = c | 0x20;
        if (c >= '0' && c <= '9') code = code * 16 + (uint32_t)(c - '0');
        else if (letter >= 'a' && letter <= 'f') code = code * 16 + (uint32_t)(letter - 'a' + 10);
        else break;
        if (digits == 6) return false;
    }
    if (digits == 0 || lexer->lookahead != '}') return false;
    advance(lexer);
    return code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

// An escape whose `\` was taken. Those of a command are judged when it is split into words.
static bool scan_escape(Scanner *scanner, const Frame *frame, TSLexer *lexer) {
    bool is_good = frame->sort == COMMAND;
    switch (lexer->lookahead) {
        case 'u':
            if (!is_good) {
                is_good = take_unicode_escape(lexer);
                break;
            }
            advance(lexer);
            break;
        case 'n': case 'r': case 't': case '\\': case '"': case '$':
            is_good = true;
            advance(lexer);
            break;
        default:
            advance(lexer);
    }
    lexer->mark_end(lexer);
    return is_good ? token(lexer, ESCAPE) : mend(scanner, lexer, ESCAPE);
}

static void toggle_quote(Frame *frame, int32_t c) {
    uint8_t other = c == '"' ? '\'' : '"';
    if (frame->quote == other) return;
    frame->quote = frame->quote ? 0 : (uint8_t)c;
}

static bool close_text(Scanner *scanner, TSLexer *lexer) {
    lexer->mark_end(lexer);
    scanner->depth--;
    return token(lexer, TEXT_CLOSE);
}

// A piece of the innermost text: fixed text, an escape, the start of a hole or the end.
static bool scan_text(Scanner *scanner, TSLexer *lexer) {
    Frame *frame = top(scanner);
    bool has_quotes = frame->sort == COMMAND && (frame->closer == TICK || frame->closer == LINES);
    bool has_content = false;
    if (frame->closer == LINES && lexer->lookahead == '"' && lexer->get_column(lexer) == frame->indent) {
        if (take_quotes(lexer, 3)) return close_text(scanner, lexer);
        has_content = true;
    }
    for (;;) {
        lexer->mark_end(lexer);
        int32_t c = lexer->lookahead;
        if (at_line_end(lexer)) {
            if (frame->closer != LINES) break;
            LineSort line = next_body_line(frame, lexer);
            if (line == OUTSIDE) break;
            has_content = true;
            if (line == IN_BODY) continue;
            lexer->mark_end(lexer);
            if (take_quotes(lexer, 3)) return token(lexer, CONTENT);
            continue;
        }
        if ((frame->closer == TICK && c == '`') || (frame->closer == QUOTE && c == '"')) {
            if (has_content) return token(lexer, CONTENT);
            advance(lexer);
            return close_text(scanner, lexer);
        }
        if (frame->closer == TRIPLE && c == '"') {
            if (!take_quotes(lexer, 3)) {
                has_content = true;
                continue;
            }
            return has_content ? token(lexer, CONTENT) : close_text(scanner, lexer);
        }
        if (has_quotes && (c == '"' || c == '\'')) toggle_quote(frame, c);
        bool is_literal = frame->sort == VERBATIM || frame->quote == '\'';
        advance(lexer);
        if (!is_literal && c == '\\' && !at_line_end(lexer) && lexer->lookahead != '\r') {
            return has_content ? token(lexer, CONTENT) : scan_escape(scanner, frame, lexer);
        }
        if (!is_literal && c == '$' && lexer->lookahead == '{') {
            if (has_content) return token(lexer, CONTENT);
            advance(lexer);
            lexer->mark_end(lexer);
            return push(scanner, HOLE, QUOTE) && token(lexer, HOLE_OPEN);
        }
        has_content = true;
    }
    if (has_content) return token(lexer, CONTENT);
    // Never closed: the text ends here.
    scanner->depth--;
    return mend(scanner, lexer, TEXT_CLOSE);
}

// ---- Lines ----

// Which token opens the item whose first word was just read; `LINE` if the line opens none.
static enum TokenType item_head(TSLexer *lexer, const char *word) {
    static const struct { const char *word; enum TokenType type; } KEYWORDS[] = {
        {"use", USE}, {"let", LET}, {"param", PARAM}, {"fn", FN}, {"type", TYPE}, {"check", CHECK},
    };
    enum TokenType keyword = KIND;
    for (unsigned i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (strcmp(word, KEYWORDS[i].word) == 0) keyword = KEYWORDS[i].type;
    }
    bool is_kind_word = strcmp(word, "kind") == 0;
    bool is_known = keyword != KIND || is_one_of(word, KINDS);
    bool has_gap = false;
    for (; lexer->lookahead == ' ' || lexer->lookahead == '\t'; has_gap = true) advance(lexer);
    int32_t next = lexer->lookahead;
    bool is_pair = has_gap && is_word_start(next);
    if (!is_known && !is_pair) return LINE;
    if (is_known && !has_gap && (next == ':' || next == '.')) return LINE;
    if (keyword == KIND && !is_kind_word) return is_known && next == '=' ? LINE : KIND;
    if (keyword == LET) return LET;
    // `use {` and `type x {` declare something of a kind with that name.
    if (next == '{') return KIND;
    if (is_pair && keyword != CHECK) {
        while (is_word(lexer->lookahead)) advance(lexer);
        while (lexer->lookahead == ' ' || lexer->lookahead == '\t') advance(lexer);
        if (lexer->lookahead == '{') return KIND;
    }
    return is_kind_word ? KIND_ITEM : keyword;
}

// What the next line with code on it is to the line above.
typedef enum { ENTRY, OPERATION, CLOSING, ITEM, STRAY } NextLine;

static NextLine next_line_of_word(TSLexer *lexer, unsigned column) {
    char word[WORD_MAX];
    read_word(lexer, word);
    if (column == 0) return item_head(lexer, word) == LINE ? STRAY : ITEM;
    if (strcmp(word, "then") != 0 && strcmp(word, "else") != 0) return ENTRY;
    // A branch has no `:`, so this is a key.
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t') advance(lexer);
    return lexer->lookahead == ':' ? ENTRY : OPERATION;
}

// Looks past blank lines and comments; the lexer stands at a column.
static NextLine next_line(TSLexer *lexer, unsigned column) {
    while (!at_end(lexer)) {
        int32_t c = lexer->lookahead;
        if (is_word_start(c)) return next_line_of_word(lexer, column);
        advance(lexer);
        if (is_blank(c) || c == '\n') {
            column = c == '\n' ? 0 : column + (c != '\r');
            continue;
        }
        int32_t next = lexer->lookahead;
        if (c == '/' && next == '/') {
            while (!at_line_end(lexer)) advance(lexer);
            continue;
        }
        if (c == '}' || c == ']' || c == ')') return CLOSING;
        // `#` is a mistake of its own.
        if (column == 0 && c != '#') return STRAY;
        switch (c) {
            case ',': return CLOSING;
            case '.': return next != '.' ? OPERATION : ENTRY;
            case '&': case '?': return next == c ? OPERATION : ENTRY;
            case '|': case '+': return OPERATION;
            default: return ENTRY;
        }
    }
    return ITEM;
}

// Past a newline and the blank lines after it. The token has the indentation of the next line, too.
static bool scan_newline(Scanner *scanner, TSLexer *lexer, const bool *valid) {
    unsigned column = 0;
    while (!at_end(lexer) && (is_blank(lexer->lookahead) || lexer->lookahead == '\n')) {
        column = lexer->lookahead == '\n' ? 0 : column + (lexer->lookahead != '\r');
        advance(lexer);
    }
    lexer->mark_end(lexer);
    scanner->indent = column > UINT16_MAX ? UINT16_MAX : (uint16_t)column;
    NextLine next = next_line(lexer, column);
    // A stray line belongs to the item above all the same.
    scanner->has_mistake |= next == STRAY;
    bool separates = next == ENTRY || next == STRAY;
    return token(lexer, separates && valid[NEWLINE] && !valid[ERROR_SENTINEL] ? NEWLINE : LINE);
}

// ---- Words ----

// What comes before an item, or the end of the file: an empty token that closes a bracket, or one that
// tells of a mistake; `LINE` for neither.
static enum TokenType before_item(const Scanner *scanner, const bool *valid) {
    if (valid[ERROR_SENTINEL]) return LINE;
    if (valid[UNCLOSED]) return UNCLOSED;
    return scanner->has_mistake && valid[MISTAKE] ? MISTAKE : LINE;
}

static bool end_item(Scanner *scanner, TSLexer *lexer, enum TokenType type) {
    scanner->has_mistake = type == UNCLOSED;
    return token(lexer, type);
}

static bool scan_item_head(Scanner *scanner, TSLexer *lexer, const bool *valid) {
    enum TokenType before = before_item(scanner, valid);
    char word[WORD_MAX];
    lexer->mark_end(lexer);
    read_word(lexer, word);
    if (before == LINE) lexer->mark_end(lexer);
    enum TokenType head = item_head(lexer, word);
    if (head == LINE) return false;
    if (before != LINE) return end_item(scanner, lexer, before);
    scanner->depth = 0;
    scanner->has_mistake = false;
    return token(lexer, head);
}

static bool scan_tag(Scanner *scanner, TSLexer *lexer) {
    char word[WORD_MAX];
    read_word(lexer, word);
    if (lexer->lookahead != '"') return false;
    if (strcmp(word, "r") == 0) return open_quotes(scanner, lexer, VERBATIM, RAW_OPEN);
    bool is_tag = is_one_of(word, TAGS);
    if (!is_tag && strcmp(word, "argv") != 0) return false;
    if (is_tag) {
        lexer->mark_end(lexer);
        if (!take_quotes(lexer, 3)) return false;
        scanner->is_after_tag = true;
        return token(lexer, INTERPRETER);
    }
    return open_quotes(scanner, lexer, COMMAND, COMMAND_OPEN);
}

// ---- Signs ----

// `...` with something behind it on its line.
static bool scan_spread(TSLexer *lexer) {
    for (unsigned dots = 0; dots < 3; dots++) {
        if (lexer->lookahead != '.') return false;
        advance(lexer);
    }
    lexer->mark_end(lexer);
    while (!at_line_end(lexer) && is_blank(lexer->lookahead)) advance(lexer);
    return !at_line_end(lexer) && lexer->lookahead != '/' && token(lexer, SPREAD);
}

// `:` with its value on the same line; only `|` may begin one on the next.
static bool scan_colon(TSLexer *lexer) {
    advance(lexer);
    lexer->mark_end(lexer);
    while (!at_line_end(lexer) && is_blank(lexer->lookahead)) advance(lexer);
    bool is_on_line = !at_line_end(lexer) && lexer->lookahead != '/';
    return (is_on_line || next_line(lexer, 1) == OPERATION) && token(lexer, COLON);
}

static bool take(TSLexer *lexer, enum TokenType type) {
    advance(lexer);
    lexer->mark_end(lexer);
    return token(lexer, type);
}

static bool scan_sign(Scanner *scanner, TSLexer *lexer, const bool *valid, bool is_first) {
    bool is_recovering = valid[ERROR_SENTINEL];
    switch (lexer->lookahead) {
        case ':': return valid[COLON] && scan_colon(lexer);
        case '.': return valid[SPREAD] && scan_spread(lexer);
        case '=':
            if (!valid[EQUALS] || is_first) return false;
            advance(lexer);
            lexer->mark_end(lexer);
            return lexer->lookahead != '=' && token(lexer, EQUALS);
        case '(': return valid[CALL_OPEN] && !is_first && !is_recovering && take(lexer, CALL_OPEN);
        case '[': return valid[INDEX_OPEN] && !is_first && !is_recovering && take(lexer, INDEX_OPEN);
        case '{': return valid[BLOCK_OPEN] && !is_first && take(lexer, BLOCK_OPEN);
        case '}':
            if (!valid[HOLE_CLOSE] || !top(scanner)) return false;
            scanner->depth--;
            return take(lexer, HOLE_CLOSE);
        case '"': return open_quotes(scanner, lexer, TEXT, TEXT_OPEN);
        case '`':
            advance(lexer);
            lexer->mark_end(lexer);
            return push(scanner, COMMAND, TICK) && token(lexer, COMMAND_OPEN);
        default: return false;
    }
}

static bool scan(Scanner *scanner, TSLexer *lexer, const bool *valid) {
    if (top(scanner) && top(scanner)->sort != HOLE) return scan_text(scanner, lexer);
    if (scanner->is_after_tag) {
        scanner->is_after_tag = false;
        if (lexer->lookahead == '"') return open_quotes(scanner, lexer, VERBATIM, SCRIPT_OPEN);
    }
    while (!at_end(lexer) && is_blank(lexer->lookahead)) skip(lexer);
    if (at_end(lexer)) {
        enum TokenType before = before_item(scanner, valid);
        return before != LINE && end_item(scanner, lexer, before);
    }
    if (lexer->lookahead == '\n') {
        if (is_in_hole(scanner) && !valid[ERROR_SENTINEL] && close_hole(scanner, lexer, valid)) return true;
        return scan_newline(scanner, lexer, valid);
    }
    uint32_t column = lexer->get_column(lexer);
    if (is_word_start(lexer->lookahead)) {
        return column == 0 ? scan_item_head(scanner, lexer, valid) : scan_tag(scanner, lexer);
    }
    return scan_sign(scanner, lexer, valid, column == scanner->indent);
}

// ---- The interface ----

void *tree_sitter_rush_external_scanner_create(void) { return ts_calloc(1, sizeof(Scanner)); }

void tree_sitter_rush_external_scanner_destroy(void *payload) { ts_free(payload); }

bool tree_sitter_rush_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
    return scan(payload, lexer, valid_symbols);
}

#define HEADER 5
#define FRAME_SIZE 5

unsigned tree_sitter_rush_external_scanner_serialize(void *payload, char *buffer) {
    const Scanner *scanner = payload;
    char *out = buffer;
    *out++ = (char)(scanner->indent & 0xFF);
    *out++ = (char)(scanner->indent >> 8);
    *out++ = (char)scanner->is_after_tag;
    *out++ = (char)scanner->has_mistake;
    *out++ = (char)scanner->depth;
    for (unsigned i = 0; i < scanner->depth; i++) {
        const Frame *frame = &scanner->frames[i];
        *out++ = (char)frame->sort;
        *out++ = (char)frame->closer;
        *out++ = (char)frame->quote;
        *out++ = (char)(frame->indent & 0xFF);
        *out++ = (char)(frame->indent >> 8);
    }
    return (unsigned)(out - buffer);
}

static uint16_t read_u16(const char *bytes) {
    return (uint16_t)((uint8_t)bytes[0] | ((uint8_t)bytes[1] << 8));
}

void tree_sitter_rush_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    Scanner *scanner = payload;
    memset(scanner, 0, sizeof *scanner);
    if (length < HEADER) return;
    scanner->indent = read_u16(buffer);
    scanner->is_after_tag = buffer[2];
    scanner->has_mistake = buffer[3];
    scanner->depth = (uint8_t)buffer[4];
    for (unsigned i = 0; i < scanner->depth; i++) {
        const char *bytes = buffer + HEADER + i * FRAME_SIZE;
        scanner->frames[i] = (Frame){
            .sort = (uint8_t)bytes[0],
            .closer = (uint8_t)bytes[1],
            .quote = (uint8_t)bytes[2],
            .indent = read_u16(bytes + 3),
        };
    }
}
