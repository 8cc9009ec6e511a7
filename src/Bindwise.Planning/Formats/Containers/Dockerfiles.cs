namespace Bindwise.Planning.Formats.Containers;

/// <summary>Dockerfiles, of which one thing is read: what they copy into an image.</summary>
internal sealed class Dockerfiles(PlanContext context)
{
    // By folder: the files of a project have most of theirs in common.
    private readonly Dictionary<string, ImmutableArray<string>> _sources = new(StringComparer.Ordinal);

    /// <summary>Whether one beside a file or above it copies the file, by its path or that of a folder.</summary>
    public bool Copy(string file)
    {
        var folders = new List<string> { PlanPath.FolderOf(file) };
        while (folders[^1] is not ("" or "/"))
            folders.Add(PlanPath.FolderOf(folders[^1]));
        // Where the paths begin (the build's context) is not in the file. A copy of everything says nothing of the one file.
        return folders.SelectMany(folder => SourcesIn(folder)).Any(source => folders.Exists(folder =>
            PlanPath.Combine(folder, source) is var place && place != folder && PlanPath.IsWithin(file, place)));
    }

    private ImmutableArray<string> SourcesIn(string folder) =>
        _sources.TryGetValue(folder, out var known) ? known : _sources[folder] = [.. ReadSources(folder)];

    private IEnumerable<string> ReadSources(string folder)
    {
        foreach (var name in context.Files.List(folder))
        {
            if (name is not ("Dockerfile" or "Containerfile") && !name.StartsWith("Dockerfile.", StringComparison.Ordinal)
                && !name.EndsWith(".Dockerfile", StringComparison.OrdinalIgnoreCase))
                continue;
            var text = context.Read(PlanPath.Combine(folder, name), null, isOurs: false) ?? "";
            foreach (var (_, line) in ConfigurationLines.Of(text, continues: true))
            {
                if (CommandLineWords.Split(line) is not [var verb, .. var rest] || verb.ToUpperInvariant() is not ("COPY" or "ADD"))
                    continue;
                var words = rest.Where(static word => !word.StartsWith('-')).ToArray();
                // The form of a JSON list: the words have lost their quotes.
                if (words is [['[', ..], ..])
                    words = string.Join(' ', words).Trim('[', ']').Split(',', StringSplitOptions.TrimEntries);
                // Of "nginx/*.conf" the folder.
                foreach (var source in words.SkipLast(1))
                    yield return source.Contains('*', StringComparison.Ordinal) ? PlanPath.FolderOf(source) : source;
            }
        }
    }
}
