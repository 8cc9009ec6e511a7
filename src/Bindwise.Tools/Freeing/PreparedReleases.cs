namespace Bindwise.Tools;

/// <summary>
/// Plans of <c>free</c> that were shown, each by a word that cannot be guessed, with the handles on their processes. Each can be executed
/// once, within minutes; of too many the oldest is forgotten.
/// </summary>
internal sealed class PreparedReleases : IDisposable
{
    /// <summary>How long a plan can be executed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>So many are kept: each holds a descriptor for each of its processes.</summary>
    public const int Most = 8;

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Who executes the plan has to ask for the same.</summary>
    [SupportedOSPlatform("linux")]
    public string Keep(object asked, PortRelease release)
    {
        // 122 bits of the kernel's own randomness; .NET's cryptography would need OpenSSL, which small systems lack.
        var word = Guid.NewGuid().ToString("N");
        lock (_gate)
        {
            Forget();
            if (_entries.Count == Most)
            {
                _entries[0].Release.Dispose();
                _entries.RemoveAt(0);
            }
            _entries.Add(new Entry(word, asked, release, Stopwatch.GetTimestamp()));
        }
        return word;
    }

    /// <summary>What was asked for with a plan; null where there is none of that word.</summary>
    public object? Find(string word) => FindEntry(word)?.Asked;

    /// <summary>Whether a plan has actions that take a consent of their own.</summary>
    public bool AsksSeparately(string word) => OperatingSystem.IsLinux() && FindEntry(word) is { } entry
        && entry.Release.Plan.Actions.Any(static action => action.IsAskedSeparately);

    /// <summary>Gives a plan away; null where there is none of that word. The caller disposes of it.</summary>
    public PortRelease? Take(string word)
    {
        lock (_gate)
        {
            if (FindEntry(word) is not { } entry)
                return null;
            _entries.Remove(entry);
            return entry.Release;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _entries.ForEach(static entry => Close(entry));
            _entries.Clear();
        }
    }

    private Entry? FindEntry(string word)
    {
        lock (_gate)
        {
            Forget();
            return _entries.Find(entry => entry.Word == word);
        }
    }

    private void Forget()
    {
        foreach (var entry in _entries.Where(static entry => Stopwatch.GetElapsedTime(entry.Since) >= Lifetime).ToList())
        {
            Close(entry);
            _entries.Remove(entry);
        }
    }

    private static void Close(Entry entry)
    {
        if (OperatingSystem.IsLinux())
            entry.Release.Dispose();
    }

    private sealed record Entry(string Word, object Asked, PortRelease Release, long Since);
}
