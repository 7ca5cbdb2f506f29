//! Compiles the generated parser and its scanner.

fn main() {
    let mut compiler = cc::Build::new();
    // The tables are generated and large; without this a debug build of them takes seconds.
    compiler.include("src").std("c11").warnings(false).opt_level(1);
    for file in ["src/parser.c", "src/scanner.c"] {
        compiler.file(file);
    }
    println!("cargo:rerun-if-changed=src");
    compiler.compile("tree-sitter-rush");
}
