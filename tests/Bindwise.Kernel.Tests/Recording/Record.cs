using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Recording;

/// <summary>A `bindwise record` that runs on a host, and what it has written.</summary>
internal sealed class Record
{
    private readonly TestProgram _program;

    private Record(TestProgram program, string folder) => (_program, Folder) = (program, folder);

    /// <summary>Where it writes.</summary>
    public string Folder { get; }

    public TestProgram Program => _program;

    /// <summary>Starts one, and waits until it sees what happens.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="user">As whom.</param>
    /// <param name="folder">Where it writes; null for a folder of its own.</param>
    /// <param name="before">A program, with its arguments, that becomes it.</param>
    public static async Task<Record> StartAsync(TestHost host, int user = 0, string? folder = null, params string[] before)
    {
        folder ??= Path.Combine(host.Folder, "record");
        var old = Stems(folder);
        var record = new Record(host.Start(user, [.. before, Programs.Bindwise, "record", "--dir", folder]), folder);
        await Patience.UntilAsync(() => record.Program.HasEnded || !Stems(folder).IsSubsetOf(old), "a segment");
        Assert.False(record.Program.HasEnded, record.Program.HasEnded ? record.Program.Error : "");
        return record;
    }

    /// <summary>The pid of the youngest recorder of a host, by the host's numbers.</summary>
    public static async Task<int> PidAsync(TestHost host)
    {
        var outcome = await host.RunAsync("pgrep", "--newest", "-x", "bindwise|Bindwise.Cli");
        return int.Parse(outcome.Output.Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Waits for the first census: what is there then is old, and what comes later is told.</summary>
    public Task CensusAsync() => Patience.UntilAsync(() => Lines().Any(static line => line.GetProperty("schema").GetString() == "bindwise.census/1"), "a census");

    /// <summary>Ends it at once.</summary>
    public async Task KillAsync(TestHost host)
    {
        await host.SignalAsync(await PidAsync(host), "KILL");
        await _program.EndAsync();
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync(TestHost host)
    {
        await host.SignalAsync(await PidAsync(host), "TERM");
        await _program.EndAsync();
        Assert.Equal(0, _program.ExitCode);
    }

    /// <summary>Every whole line of the store, the oldest segment first.</summary>
    public List<JsonElement> Lines()
    {
        // Its recorder may close a segment meanwhile, which then has another name: what is read is whole if no name has changed.
        while (true)
        {
            var names = Names(Folder);
            try
            {
                List<JsonElement> lines = [.. names.GroupBy(Stem).Select(static group => group.First()).SelectMany(static file => Text(file).Split('\n')[..^1])
                    .Select(static line => JsonDocument.Parse(line).RootElement)];
                if (Names(Folder).SequenceEqual(names))
                    return lines;
            }
            catch (FileNotFoundException)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>The events of a kind.</summary>
    public List<JsonElement> Events(string kind) => [.. Lines().Where(line => line.TryGetProperty("event", out var word)
        && word.GetString() == kind)];

    private static HashSet<string> Stems(string folder) => [.. Names(folder).Select(Stem)];

    private static string Stem(string file) => file[..file.IndexOf(".jsonl", StringComparison.Ordinal)];

    // If a segment stands there both ways, the one that is not compressed comes first, and counts.
    private static string[] Names(string folder) => !Directory.Exists(folder) ? []
        : [.. Directory.GetFiles(folder, "*.jsonl*").Where(static file => file.EndsWith(".jsonl", StringComparison.Ordinal)
            || file.EndsWith(".jsonl.gz", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string Text(string file)
    {
        using var stream = File.OpenRead(file);
        using var plain = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : null;
        using var reader = new StreamReader(plain ?? (Stream)stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
