using System.IO.Compression;
using System.Text;
using Bindwise.Recording.Census;
using Bindwise.Recording.Events;
using Bindwise.Recording.History;

namespace Bindwise.Parsers.Tests;

/// <summary>A record that somebody else may have written: its lines, its segments, and their indexes.</summary>
internal static class RecordTargets
{
    private const string Event =
        """{"schema":"bindwise.event/1","time":"2026-11-24T03:12:00.000001Z","pid":42,"event":"bind-failed","protocol":"tcp","call":"bind","address":"0.0.0.0:8080","result":"EADDRINUSE","reason":null,"cause":"listener","summary":"8080/tcp is taken","previousPid":null,"program":"n\u001bx","command":"a b","userId":0,"networkNamespace":4026531840,"cgroup":"/x","options":["SO_REUSEADDR"],"count":3,"lastTime":"2026-11-24T03:12:00.5Z","limits":["x"],"diagnosis":{"schema":"bindwise.diagnosis/1","verdict":"blocked","errno":"EADDRINUSE","cause":"listener","summary":"taken","limits":[]}}""";

    private const string Census =
        """{"schema":"bindwise.census/1","time":"2026-11-24T03:11:59Z","same":false,"sockets":[{"protocol":"tcp","address":"0.0.0.0:8080","state":"LISTEN","networkNamespace":1,"pid":42,"program":"nginx","userId":0}],"states":{"LISTEN":1}}""";

    private const string Same = """{"schema":"bindwise.census/1","time":"2026-11-24T03:12:09Z","same":true}""";

    private static readonly string[] Lines = [Event, Census, Same];

    public static IEnumerable<ParserTarget> All =>
    [
        ParserTarget.OfLines("line of a record", static bytes =>
        {
            _ = EventReader.Read(bytes, out _, out var diagnosis);
            if (diagnosis.End.Value > diagnosis.Start.Value)
                DiagnosisReader.Read(bytes[diagnosis], Target());
            DiagnosisReader.Read(bytes, Target());
            DiagnosisReader.WithLimit(bytes, new Remark { Id = "x", Text = "y" });
            RecordedCensusReader.Read(bytes);
            RecordedCensusReader.Read(bytes, keepsSockets: false);
        }, Lines),
        ParserTarget.OfText("time in a record", static text => MomentText.Read(text, DateTimeOffset.UnixEpoch.AddYears(56), TimeZoneInfo.Utc),
            "03:12", "2026-11-24T03:12:07.5+02:00", "90s", "3d"),
        ParserTarget.OfBytes("segment of a record", static bytes => Ask(bytes, ".jsonl", null), Segment()),
        ParserTarget.OfBytes("closed segment of a record", static bytes => Ask(bytes, ".jsonl.gz", null), Packed(), [.. Packed(), .. Packed()]),
        ParserTarget.OfBytes("index of a record", static bytes => Ask(Segment(), ".jsonl", bytes), Index()),
    ];

    private static byte[] Segment() => Encoding.UTF8.GetBytes($"{Census}\n{Event}\n{Same}\n");

    private static byte[] Packed()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Segment());
        return packed.ToArray();
    }

    private static byte[] Index() => Ask(Packed(), ".jsonl.gz", null) ?? Ask(Segment(), ".jsonl", null) ?? "none"u8.ToArray();

    private static Target Target() => new() { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 };

    /// <summary>Asks a store with that one segment all that can be asked, and gives the index that this made, if it did.</summary>
    private static byte[]? Ask(byte[] segment, string ending, byte[]? index)
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-fuzz-").FullName;
        try
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllBytes(Path.Combine(folder, "20261124T031159000Z" + ending), segment);
            if (index is not null)
                File.WriteAllBytes(Path.Combine(folder, "20261124T031159000Z.idx"), index);
            var match = new TargetMatch(null, 8080, [], null);
            using (var archive = RecordArchive.Open(folder, out _, out _))
            {
                var found = archive!.Find(new HistoryQuery());
                foreach (var one in found)
                    Assert.True(archive.LineOf(one).Length <= one.Length);
                _ = archive.Notes().Count();
                var at = new DateTimeOffset(2026, 11, 24, 3, 12, 1, TimeSpan.Zero);
                if (MomentFinder.Find(archive, match, at) is RecordedMoment.Sight sight)
                    RecordedDiagnosis.Of(Target(), new Bindwise.Model.Targets.ProgramOptions(), match, sight, at);
                MomentFinder.Find(archive, match, DateTimeOffset.MaxValue);
            }
            return Directory.GetFiles(folder, "*.idx") is [var made, ..] ? File.ReadAllBytes(made) : null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
