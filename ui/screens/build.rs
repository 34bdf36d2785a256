//! Compiles the pages, with their translations and fonts inside.

fn main() {
    let configuration = slint_build::CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_bundled_translations("../ui/lang")
        // One meaning a phrase in the whole house: translators see each once.
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles)
        // The tests find elements by their names; a release carries none.
        .with_debug_info(std::env::var("PROFILE").is_ok_and(|profile| profile == "debug"));
    if let Err(error) = slint_build::compile_with_config("../ui/app.slint", configuration) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
