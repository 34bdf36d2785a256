//! Draws every page in every language without a display: `cargo run -p ui --example pages -- OUTDIR [NAME…]`.

#[path = "../tests/stage/mod.rs"]
mod stage;

use std::path::PathBuf;

use matters::Language;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: pages OUTDIR [NAME…]");
        std::process::exit(2);
    };
    let names: Vec<String> = arguments.filter_map(|name| name.into_string().ok()).collect();
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("{}: {error}", folder.display());
        std::process::exit(1);
    }
    let stage = stage::Stage::new();
    for language in Language::ALL {
        for (name, view) in ui::samples::all(language) {
            if names.is_empty() || names.iter().any(|wanted| wanted == name) {
                stage.show(view);
                let path = folder.join(format!("{name}.{}.png", language.tag()));
                stage::write_png(&path, &stage.picture());
                println!("{}", path.display());
            }
        }
    }
}
