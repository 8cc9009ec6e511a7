using System.Buffers;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Lab.Answering;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Matrices;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/model/…</c>: the player's questions, with the answers of the WebAssembly (docs/browser.md).</summary>
internal static class ModelEndpoints
{
    private const string Path = "/api/v1/model/";
    private const string Text = "text/plain";
    private const string Input = "standard input";

    // A saved snapshot of a busy host has megabytes.
    private const int MostSnapshotBytes = 8 << 20;
    private const int MostTextBytes = 256 << 10;

    // Enough for a slow machine, and less than a request may take: the answer says that it was the model.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private static readonly ImmutableArray<ApiParameter> Rules =
        [new("kernel", "The release of Linux, as 6.18."), new("system", "The system: linux unless given.")];

    private static readonly Lazy<PageStore> Pages = new(static () => PageStore.Of(PageCatalogue.PagesOf));

    public static ImmutableArray<ApiRoute> Routes { get; } =
    [
        Question("about", "about", "Which systems' and kernels' rules can be played, and the state diagram as a figure.", [],
            static (_, output, _) => RuleCalls.About(output)),
        OfText("parse", "parsed", "A scenario's steps, or its faults.", [], MostTextBytes,
            static (_, text, output, _) => ScenarioCalls.Parse(output, text)),
        OfText("trace", "trace", "A scenario played step by step: segments, states, sockets.", Rules, MostTextBytes, Trace),
        Question("matrix", "matrix", "Which second socket can be bound beside a first, as bindwise matrix --json.",
        [
            new("on", "The systems, with commas between."), new("first", "The socket that is there."), new("second", "The one that asks."),
            new("addresses", "Pairs of addresses."), new("options", "Options."), new("state", "The first socket's state."),
            new("listen", "Both listen.", """{"type":"boolean"}"""), new("user", "Whose the second is."),
            new("udp", "UDP.", """{"type":"boolean"}"""), new("kernel", "The release of Linux."),
        ], Matrix),
        Question("cell", "scenarioText", "A cell of the matrix as a scenario.",
            [new("first", "In the words of matrix --first.", IsRequired: true), new("second", "In those of --second.", IsRequired: true)],
            static (request, output, _) =>
                RuleCalls.CellScenario(output, QueryValues.One(request, "first"), QueryValues.One(request, "second"))),
        Question("explain", "page", "What a term, a rule, a cause or a claim means, as bindwise explain --json.",
            [new("word", "The word.", IsRequired: true)],
            static (request, output, _) => RuleCalls.Explain(output, QueryValues.One(request, "word"), Pages.Value)) with
        {
            Problems = [400, 404, 504],
        },
        OfText("why", "savedAnswer", "What bindwise why --snapshot prints of a saved snapshot.",
        [
            new("target", "What is asked; without it all that was asked when it was taken."),
            new("verbose", "All the evidence.", """{"type":"boolean"}"""), new("json", "JSON in place of text.", """{"type":"boolean"}"""),
        ], MostSnapshotBytes, Why),
        OfText("targets", "targets", "What an error text asks about.", [], MostTextBytes,
            static (_, text, output, _) => SnapshotCalls.ReadError(output, text)),
    ];

    private delegate void Asked(HttpRequest request, IBufferWriter<byte> output, CancellationToken cancellation);

    private delegate void AskedOfText(HttpRequest request, byte[] text, IBufferWriter<byte> output, CancellationToken cancellation);

    private static ApiRoute Question(string name, string schema, string summary, ImmutableArray<ApiParameter> parameters, Asked answer) =>
        new("GET", Path + name, summary, (context, services) => AnswerAsync(context, services, (output, cancellation) =>
            answer(context.Request, output, cancellation)))
        {
            Parameters = parameters,
            Answer = AnswerSchemas.Of(schema),
            Problems = [400, 504],
        };

    private static ApiRoute OfText(string name, string schema, string summary, ImmutableArray<ApiParameter> parameters, int mostBytes,
        AskedOfText answer) =>
        new("POST", Path + name, summary, async (context, services) =>
        {
            if (context.Request.ContentType?.StartsWith(Text, StringComparison.OrdinalIgnoreCase) != true)
                throw new ProblemException(Problem.WrongType, $"the body has to be {Text}");
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var text = body.ToArray();
            await AnswerAsync(context, services, (output, cancellation) => answer(context.Request, text, output, cancellation));
        })
        {
            Parameters = parameters,
            Body = """{"type":"string"}""",
            BodyType = Text,
            MostBodyBytes = mostBytes,
            Answer = AnswerSchemas.Of(schema),
            Problems = [400, 415, 504],
        };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services,
        Action<IBufferWriter<byte>, CancellationToken> write)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Patience);
        ReadOnlyMemory<byte> document;
        try
        {
            document = await services.Models.RunAsync(
                cancellation => CallAnswer.Document(output => write(output, cancellation), cancellation), patience.Token);
        }
        catch (BadInputException fault)
        {
            throw new ProblemException(fault.IsUnknown ? Problem.NotFound : Problem.BadRequest,
                OfRequest(QueryValues.WithoutCommand(fault.Message)));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problem.TooSlow, $"the model takes longer than {Patience.TotalSeconds:0} s for this");
        }
        await JsonAnswer.WriteAsync(context, "application/json", document);
    }

    // The model's sentences are the command line's: its options are parameters here, and its standard input is the body.
    private static string OfRequest(string fault) =>
        fault.StartsWith("--platform ", StringComparison.Ordinal) ? "system " + fault["--platform ".Length..]
        : fault.StartsWith("--", StringComparison.Ordinal) ? fault[2..]
        : fault.StartsWith(Input, StringComparison.Ordinal) ? "the body" + fault[Input.Length..] : fault;

    private static void Trace(HttpRequest request, byte[] text, IBufferWriter<byte> output, CancellationToken cancellation) =>
        ScenarioCalls.Trace(output, text,
            RuleCalls.Chosen(QueryValues.Optional(request, "kernel"), QueryValues.Optional(request, "system")), cancellation);

    private static void Matrix(HttpRequest request, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        var question = new MatrixQuestion
        {
            On = QueryValues.Optional(request, "on"),
            First = QueryValues.Optional(request, "first"),
            Second = QueryValues.Optional(request, "second"),
            Addresses = QueryValues.Optional(request, "addresses"),
            Options = QueryValues.Optional(request, "options"),
            State = QueryValues.Optional(request, "state"),
            Listens = QueryValues.Flag(request, "listen"),
            User = QueryValues.Optional(request, "user"),
            IsUdp = QueryValues.Flag(request, "udp"),
        };
        RuleCalls.Matrix(output, question, QueryValues.Optional(request, "kernel"), cancellation);
    }

    private static void Why(HttpRequest request, byte[] snapshot, IBufferWriter<byte> output, CancellationToken cancellation) =>
        SnapshotCalls.Why(output, snapshot, "snapshot", QueryValues.Optional(request, "target"),
            QueryValues.Flag(request, "verbose") ? Detail.Verbose : Detail.Normal, QueryValues.Flag(request, "json"), cancellation);
}
