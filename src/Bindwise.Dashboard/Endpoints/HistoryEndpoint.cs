using System.Buffers;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Model.Targets;
using Bindwise.Recording.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/history</c>: the documents of <c>history --json</c>.</summary>
internal static class HistoryEndpoint
{
    /// <summary>So many events are told at most, the newest: a record can have millions.</summary>
    private const int Most = 10_000;

    // The body of each of as many answers as there may be at once is in memory.
    private const int MostBytes = 4 << 20;

    public static ApiRoute Route { get; } = new("GET", "/api/v1/history",
        "What the recorder has kept, as bindwise history tells it: of very many events the newest.", AnswerAsync)
    {
        Parameters =
        [
            new("target", "Only what concerns one of these.", """{"type":"array","items":{"type":"string"}}"""),
            new("since", "Only from then on: 2026-11-24T03:12, 03:12, or 90s, 5m, 2h, 3d ago."),
            new("until", "Only until then."),
            new("failed", "Only calls that failed.", """{"type":"boolean"}"""),
            new("program", "Only of this program."),
        ],
        Answer = AnswerSchemas.ListsOf(("events", "event"), ("inferred", "event")),
        Problems = [400],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var request = context.Request;
        var now = DateTimeOffset.Now;
        var since = QueryValues.Moment(request, "since", now);
        var query = new HistoryQuery
        {
            Since = since,
            Until = QueryValues.Moment(request, "until", now, since),
            IsFailedOnly = QueryValues.Flag(request, "failed"),
            Program = QueryValues.Optional(request, "program") is { Length: > 0 } program ? program : null,
            MostEvents = Most,
            MostBytes = MostBytes,
        };
        if (query.Since > query.Until)
            throw new ProblemException(Problem.BadRequest, "since is later than until");
        var words = request.Query["target"].Where(static word => !string.IsNullOrWhiteSpace(word)).ToList();
        var found = await services.ReadLimiter.RunAsync(
            cancellation => Read(services.Settings.RecordDirectory, words!, query, cancellation), context.RequestAborted);
        await JsonAnswer.WriteAsync(context, output =>
        {
            using (found)
                DocumentList.Write(output, found.Remarks, ("events", found.Events), ("inferred", found.Inferred));
        });
    }

    // Made and filled by the one thread: where nobody waits any more it goes on for a moment, and what it has is left to the collector.
    private sealed class Found : IDisposable
    {
        public BodyBuffer Events { get; } = new();
        public BodyBuffer Inferred { get; } = new();
        public List<Remark> Remarks { get; } = [];

        public void Dispose()
        {
            Events.Dispose();
            Inferred.Dispose();
        }
    }

    private static Found Read(string directory, List<string> words, HistoryQuery query, CancellationToken cancellation)
    {
        var typed = words.SelectMany(static (word, index) => TypedTarget.AllOf(new ParseResult<string>(word), index, isFollowing: false));
        if (RecordTarget.Of(typed, out var fault) is not { } targets)
            throw new ProblemException(Problem.BadRequest, fault!);
        var found = new Found();
        using var archive = RecordArchive.Open(directory, out var isMissing, out fault);
        if (archive is null)
        {
            found.Remarks.Add(isMissing ? Remark.Of("no-recorder", RecordTarget.WhyMissing(directory))
                : Remark.Of("unreadable", $"the record in {directory} cannot be read: {fault}"));
            return found;
        }
        var asked = query with { Targets = [.. targets.Select(static one => one.Match)] };
        foreach (var item in UnseenChanges.FindAll(archive, asked, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            if (item is { IsInferred: true, Event: var happened })
            {
                EventJson.Write(found.Inferred, happened);
                found.Inferred.Write("\n"u8);
                continue;
            }
            var line = archive.LineOf(item);
            if (line.IsEmpty)
                continue;
            found.Events.Write(line);
            found.Events.Write("\n"u8);
        }
        if (archive.LeftOutOlder)
            found.Remarks.Add(Remark.Of("older-left-out", "older events were left out: ask for a shorter time"));
        found.Remarks.AddRange(archive.Notes().Select(DocumentList.Note));
        return found;
    }
}
