namespace Bindwise.Rendering.Claims;

/// <summary>A program of the articles, as lists show it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What it does, one sentence; empty for none.</param>
public sealed record ListedProgram(string Name, string Title)
{
    /// <summary>The comment at the top of a .bind file, as one line; empty for none.</summary>
    public static string TitleOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith('#'))
                break;
            words.Add(line.TrimStart('#').Trim());
        }
        return string.Join(' ', words).Trim();
    }
}
