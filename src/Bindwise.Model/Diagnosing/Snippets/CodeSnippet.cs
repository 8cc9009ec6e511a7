
namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>One thought in one runtime's words.</summary>
/// <param name="Code">The lines of code, parted by line feeds; null when there is nothing to write.</param>
/// <param name="Said">What the runtime does by itself, or cannot do: the rest of a sentence that begins with the runtime's name; null for nothing.</param>
internal readonly record struct CodeSnippet(string? Code, string? Said = null)
{
    /// <summary>Of what the runtime does by itself, with what is left to do.</summary>
    public static CodeSnippet ByItself(string? code = null, string said = "does this by default") => new(code, said);
}
