//! `openapi`: by which schema lists are merged. The names in it are read to the letter.

use crate::diagnostic::Diagnostic;
use crate::kustomization::Kustomization;
use crate::kustomization::go;
use crate::yaml::Node;

/// The only schema that kustomize has built in.
const BUILT_IN: &str = "v1.21.2";

/// The schema that a file asks for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum OpenApi<'a> {
    /// It leaves the choice to others: the one it is used by, or kustomize.
    Unset,
    /// The built-in one, by its version.
    BuiltIn,
    /// One in a file; the node is the path, which may be null.
    File(Node<'a>),
}

impl<'a> Kustomization<'a> {
    /// The schema that the file asks for. Of the file that is built kustomize always looks at this and may
    /// refuse it; of those that it takes in only until somebody has asked for a schema.
    ///
    /// # Errors
    /// When it asks for two, or for one that isn't built in.
    pub fn openapi(self) -> Result<OpenApi<'a>, Box<Diagnostic>> {
        let Some(fields) = self.get("openapi") else { return Ok(OpenApi::Unset) };
        let (path, version) = (fields.get("path"), fields.get("version"));
        let complain = |node: Node<'_>, what: String| Diagnostic::error("bad-kustomization", node.span(), what);
        match (path, version) {
            (Some(_), Some(version)) => {
                let key = version.key().unwrap_or(version);
                let what = "`openapi` takes either `path` or `version`, and here are both".to_owned();
                Err(complain(key, what).help("remove one of them").into())
            }
            (Some(path), None) => Ok(OpenApi::File(path)),
            (None, version) => match version.and_then(|version| Some((version, go::string(version)?))) {
                None | Some((_, "")) => Ok(OpenApi::Unset),
                Some((_, BUILT_IN)) => Ok(OpenApi::BuiltIn),
                Some((node, text)) => {
                    let problem = complain(node, format!("kustomize has no schema `{text}` built in"));
                    Err(problem.help(format!("`{BUILT_IN}` is the only one, and what is used anyway")).into())
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kustomization::Kustomization;
    use crate::kustomization::OpenApi;
    use crate::kustomization::tests::parsed;

    #[test]
    fn a_schema_is_built_in_or_in_a_file() {
        let told = |text: &str| {
            let file = parsed(text);
            match Kustomization::of(&file).unwrap().openapi() {
                Ok(OpenApi::Unset) => "unset".to_owned(),
                Ok(OpenApi::BuiltIn) => "built in".to_owned(),
                Ok(OpenApi::File(path)) => path.text().to_owned(),
                Err(problem) => problem.message,
            }
        };
        for text in ["resources: []", "openapi: {}", "openapi: {version: ''}", "openapi: {Version: x, Path: y}"] {
            assert_eq!(told(text), "unset", "{text}");
        }
        assert_eq!(told("OpenAPI: {version: v1.21.2}"), "built in");
        assert_eq!(told("openapi: {path: a.json}"), "a.json");
        assert_eq!(told("openapi: {version: v1.30.0}"), "kustomize has no schema `v1.30.0` built in");
        assert!(told("openapi: {version: ~, path: ''}").contains("both"));
    }
}
