using System.Collections.Immutable;
using Bindwise.Recording.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Tests;

/// <summary>What is found of a program that only its command line names, as a script's: the kernel's name of all is <c>python3</c>.</summary>
public sealed class ProgramHistoryTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 3, 12, 0, TimeSpan.Zero);

    private readonly string _path = Directory.CreateTempSubdirectory("bindwise-store-").FullName;

    // Processes 1 to 4 run app.py, the others another script; who has ended has no command line any more. A census is "has", with its listeners.
    [Theory]
    [InlineData("listen 1, listen 7, closed 1, closed 7", "Listen 1; Closed 1")]
    [InlineData("bind 1, listen 1, closed 1, listen 2, closed 2", "Bind 1; Listen 1; Closed 1; Listen 2; Closed 2")]
    [InlineData("listen 1, listen 1, closed 1, closed 1", "Listen 1; Listen 1; Closed 1; Closed 1")]
    // It is passed on.
    [InlineData("listen 1, owner-changed 1>2, closed 2", "Listen 1; OwnerChanged 2; Closed 2")]
    [InlineData("listen 1, owner-changed 1>7, closed 7, listen 7, closed 7", "Listen 1; OwnerChanged 7; Closed 7")]
    [InlineData("listen 7, owner-changed 7>1, closed 1", "OwnerChanged 1; Closed 1")]
    // While no recorder ran.
    [InlineData("has, listen 1, recorder-stopped 0, recorder-started 0, has 7, owner-changed 7>8, closed 8", "Listen 1; OwnerChanged 7 changed while no recorder ran; OwnerChanged 8; Closed 8")]
    [InlineData("has, listen 1, recorder-stopped 0, recorder-started 0, has", "Listen 1; Closed 1 was gone when the recorder started")]
    [InlineData("has, listen 1, recorder-stopped 0, recorder-started 0, has 1, closed 1", "Listen 1; Closed 1")]
    [InlineData("has, listen 1, recorder-stopped 0, recorder-started 0, has 7, closed 7, listen 7, closed 7", "Listen 1; OwnerChanged 7 changed while no recorder ran; Closed 7")]
    [InlineData("has, listen 7, recorder-stopped 0, recorder-started 0, has", "")]
    public void ItsEndIsFoundToo(string happens, string found) => Assert.Equal(found, Found(happens, since: 0));

    // What was read before the time that is asked about tells whose it is.
    [Theory]
    [InlineData("has, listen 1, listen 7, has 1 7, closed 1, closed 7", 4, "Listen 1 was there already; Closed 1")]
    [InlineData("has, listen 1, listen 7, has 1 7, closed 7", 5, "Listen 1 was there already")]
    [InlineData("has, listen 1, closed 1, listen 7, has 7, closed 7", 6, "")]
    public void WhoBeganBeforeIsKnown(string happens, int since, string found) => Assert.Equal(found, Found(happens, since));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_path, recursive: true);

    private string Found(string happens, int since)
    {
        File.WriteAllLines(Path.Combine(_path, "20261124T031200000Z.jsonl"), happens.Split(", ").Select(Line));
        using var archive = RecordArchive.Open(_path, out _, out _)!;
        var targets = since == 0 ? ImmutableArray<TargetMatch>.Empty : [new TargetMatch(null, 8080, [], null)];
        var query = new HistoryQuery { Program = "app.py", Targets = targets, Since = since == 0 ? null : Start.AddSeconds(since) };
        var all = UnseenChanges.FindAll(archive, query).ToList();
        // Lines alone do not say who took over while no recorder ran.
        if (!all.Exists(static item => item is { IsInferred: true, Event.Kind: PortEventKind.OwnerChanged }))
            Assert.Equal(all.Where(static item => !item.IsInferred).Select(static item => item.Event), archive.Find(query).Select(static item => item.Event));
        return string.Join("; ", all.Select(static item => $"{item.Event.Kind} {item.Event.ProcessId} {item.Event.Reason}".TrimEnd()));
    }

    /// <summary>A line as <c>listen 1</c> or <c>owner-changed 1>2</c>, a second after the one before.</summary>
    private static string Line(string text, int index)
    {
        var (words, time) = (text.Split(' '), Start.AddSeconds(index + 1));
        if (words[0] == "has")
            return Census(time, words[1..]);
        var who = words[1].Split('>');
        var process = Number(who[^1]);
        var kind = PortEventWords.KindOf(words[0])!.Value;
        if (process == 0)
            return EventJson.Render(new PortEvent { Time = time, Kind = kind });
        return EventJson.Render(new PortEvent
        {
            Time = time,
            Kind = kind,
            Protocol = Protocol.Tcp,
            Address = "0.0.0.0:8080",
            ProcessId = process,
            PreviousProcessId = who.Length > 1 ? Number(who[0]) : null,
            Program = "python3",
            Command = kind == PortEventKind.Closed ? null : process < 5 ? "python3 /srv/app.py" : "python3 /srv/other.py",
        });
    }

    private static string Census(DateTimeOffset time, string[] processes)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        ImmutableArray<CensusRow> rows = [.. processes.Select(static one => new CensusRow(Protocol.Tcp, "0.0.0.0:8080", "LISTEN", 1, Number(one), "python3", 0))];
        CensusJson.Write(line, time, new CensusFacts(rows, []), CensusPart.Beginning);
        return System.Text.Encoding.UTF8.GetString(line.WrittenSpan);
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
