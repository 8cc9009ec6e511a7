namespace Bindwise.Rendering.Text;

/// <summary>A piece of a line, already escaped.</summary>
/// <param name="Text">The text: no control character in it.</param>
internal readonly record struct TextSpan(TextRole Role, string Text);
