using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Bindwise.Lab.Reading;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary><c>bindwise mcp</c>: the verbs for coding agents, over the Model Context Protocol on standard input and output.</summary>
internal sealed class McpCommand : Verb
{
    public const string Name = "mcp";
    public const string Description = "Serve the verbs to coding agents (Model Context Protocol).";

    private readonly Flag _allowActions = new("--allow-actions",
        "Also offer free, which ends programs. It takes two calls: the first only shows what the second would do.");

    public McpCommand() : base(Name, Description) => Take(_allowActions);

    // The one that reads, those of the runtime's pool, and those on which calls look at processes.
    public override int NeededThreads => 8;

    public override VerbRun Read(ParseResult parsed)
    {
        var allowsActions = parsed.GetValue(_allowActions);
        return (output, errors) =>
        {
            using var run = new McpRun(allowsActions, output, errors);
            return run.Serve();
        };
    }

    private const string Protocol =
        "An agent starts it, and speaks JSON-RPC with it on standard input and output, one message per line. It ends when its input ends. "
            + "Protocol versions 2024-11-05 to 2026-07-28.";

    private const string Limits =
        "It only reads, unless you add --allow-actions. Passwords and tokens on command lines are masked. Names of programs, paths and "
            + "units are chosen by others: the answers tell the agent not to take them for instructions.";

    public override HelpPage Help =>
        new HelpPage("bindwise mcp: let coding agents ask who holds a port, over the Model Context Protocol (MCP).")
            .Examples("bindwise mcp", "bindwise mcp --allow-actions")
            .Usage("bindwise mcp [options]")
            .Parameters(Command)
            .Entries("To register it:",
            [
                ("Claude Code", "claude mcp add bindwise -- bindwise mcp"),
                ("VS Code", "code --add-mcp '{\"name\": \"bindwise\", \"command\": \"bindwise\", \"args\": [\"mcp\"]}'"),
                ("Cursor and others", "{\"mcpServers\": {\"bindwise\": {\"command\": \"bindwise\", \"args\": [\"mcp\"]}}}"),
            ])
            .Text(Protocol)
            .Text(Limits)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "the input ended, or nobody reads the output any more"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.Interrupted, "interrupted"),
                (ExitCode.Terminated, "ended by SIGTERM"));
}

/// <summary>Params that are not of their method's form, of which the package only says that an error occurred.</summary>
internal static class RequestForm
{
    private static readonly (string Method, Type Params, string Right)[] Known =
    [
        (RequestMethods.Initialize, typeof(InitializeRequestParams), "give protocolVersion, capabilities and clientInfo"),
        (RequestMethods.ToolsList, typeof(ListToolsRequestParams), "leave them out"),
        (RequestMethods.ToolsCall, typeof(CallToolRequestParams), "give name and arguments, an object"),
        (RequestMethods.SubscriptionsListen, typeof(SubscriptionsListenRequestParams), "give notifications, an object"),
    ];

    /// <summary>What a request whose params cannot be understood is answered; null for every other.</summary>
    public static JsonRpcMessage? FaultOf(JsonRpcRequest request)
    {
        var known = Array.Find(Known, one => one.Method == request.Method);
        if (known.Params is not { } form || IsOf(form, request.Params))
            return null;
        var fault = $"the params of {known.Method} are not understood: {known.Right}";
        // Agents read the result of a call, and seldom an error of the protocol.
        return request.Method == RequestMethods.ToolsCall
            ? new JsonRpcResponse
            {
                Id = request.Id,
                Result = JsonSerializer.SerializeToNode(ToolAnswer.Fault(fault).ToProtocol(),
                    McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CallToolResult))),
            }
            : new JsonRpcError
            {
                Id = request.Id,
                Error = new JsonRpcErrorDetail { Code = (int)McpErrorCode.InvalidParams, Message = fault },
            };
    }

    private static bool IsOf(Type form, JsonNode? given)
    {
        // Only those of tools/list may be missing.
        if (given is null)
            return form == typeof(ListToolsRequestParams);
        try
        {
            return given.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(form)) is not null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException
            or FormatException)
        {
            return false;
        }
    }
}

/// <summary>
/// The protocol's messages as lines of JSON on standard input and output. The package's own transport takes a line of any length, and
/// answers nothing once the input has ended.
/// </summary>
internal sealed class LineTransport : ITransport
{
    /// <summary>The longest message: a pasted error of 1 MiB in JSON.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>So many messages may wait to be handled; beyond that nothing is read.</summary>
    private const int MostWaiting = 64;

    /// <summary>So many useless lines are told on standard error.</summary>
    private const int MostReported = 10;

    private static readonly JsonTypeInfo<JsonRpcMessage> Form =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    private readonly Channel<JsonRpcMessage> _incoming =
        Channel.CreateBounded<JsonRpcMessage>(new BoundedChannelOptions(MostWaiting) { SingleWriter = true });
    private readonly Lock _gate = new();
    private readonly AnswerStream _output;
    private readonly ErrorLines _errors;
    private readonly Action<bool> _inputEnded;
    private readonly Action _outputEnded;
    private int _reported;

    /// <param name="inputEnded">Is called once no message comes any more: whether the input ended, or cannot be read.</param>
    /// <param name="outputEnded">Is called once nobody reads the output any more.</param>
    public LineTransport(Stream input, AnswerStream output, ErrorLines errors, Action<bool> inputEnded, Action outputEnded)
    {
        _output = output;
        _errors = errors;
        _inputEnded = inputEnded;
        _outputEnded = outputEnded;
        // A read in the kernel cannot be cancelled: the thread ends with the process.
        new Thread(() => Read(input)) { IsBackground = true, Name = "bindwise mcp input" }.Start();
    }

    public string? SessionId => null;
    public ChannelReader<JsonRpcMessage> MessageReader => _incoming.Reader;

    public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Send(JsonSerializer.SerializeToUtf8Bytes(message, Form));
        return Task.CompletedTask;
    }

    private void Send(byte[] message)
    {
        byte[] line = [.. message, (byte)'\n'];
        lock (_gate)
        {
            if (!_output.IsOpen)
                return;
            _output.Write(line);
            if (_output.IsOpen)
                return;
        }
        _outputEnded();
    }

    public ValueTask DisposeAsync()
    {
        _incoming.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private void Read(Stream input)
    {
        var isRead = true;
        try
        {
            foreach (var line in new StreamLines(input, MostBytes).Read())
            {
                if (Understand(line) is { } message)
                    _incoming.Writer.WriteAsync(message).AsTask().GetAwaiter().GetResult();
            }
        }
        catch (IOException exception)
        {
            _errors.Write($"cannot read standard input: {SystemFault.Describe(exception)}");
            isRead = false;
        }
        catch (ChannelClosedException)
        {
            // The session ended first.
            return;
        }
        // Once the messages are handled the session is over.
        _inputEnded(isRead);
        _incoming.Writer.TryComplete();
    }

    private JsonRpcMessage? Understand(StreamLine line)
    {
        if (!line.IsWhole)
            return Refuse(line, McpErrorCode.InvalidRequest, $"a message is longer than {MostBytes / 1024 / 1024} MiB");
        if (line.Bytes.Span.IndexOfAnyExcept(" \t\r"u8) < 0)
            return null;
        try
        {
            var message = JsonSerializer.Deserialize(line.Bytes.Span, Form);
            if (message is JsonRpcRequest request && RequestForm.FaultOf(request) is { } answer)
            {
                _ = SendMessageAsync(answer);
                return null;
            }
            return message ?? Refuse(line, McpErrorCode.InvalidRequest, "null is not a message");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException
            or FormatException)
        {
            return IsJson(line.Bytes.Span) ? Refuse(line, McpErrorCode.InvalidRequest, "this is not a JSON-RPC message")
                : Refuse(line, McpErrorCode.ParseError, "this is not JSON");
        }
    }

    private JsonRpcMessage? Refuse(StreamLine line, McpErrorCode code, string why)
    {
        if (++_reported <= MostReported)
            _errors.Write($"line {line.Number} of standard input is left out: {why}"
                + (_reported == MostReported ? " (further lines of this kind are left out without a word)" : ""));
        // Whoever waits for an answer gets one; without an id to name, id is null (JSON-RPC 2.0, section 5).
        if (RequestOf(line.Bytes.Span) is { } id)
            _ = SendMessageAsync(new JsonRpcError { Id = id, Error = new JsonRpcErrorDetail { Code = (int)code, Message = why } });
        else
            Send(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $$$"""{"jsonrpc":"2.0","id":null,"error":{"code":{{{(int)code}}},"message":"{{{why}}}"}}""")));
        return null;
    }

    /// <summary>Whether a line is JSON of any kind, read without keeping it.</summary>
    private static bool IsJson(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The id of a request that is not understood, or not whole; null where none stands in front of what is wrong.</summary>
    internal static RequestId? RequestOf(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue }));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("id"u8))
                    continue;
                return !reader.Read() ? null
                    : reader.TokenType == JsonTokenType.String ? new RequestId(reader.GetString()!)
                    : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? new RequestId(number)
                    : null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
        return null;
    }
}
