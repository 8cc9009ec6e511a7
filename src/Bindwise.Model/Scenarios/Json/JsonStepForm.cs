using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Json;

/// <summary>How a kind of step is written: its fields, and what they make.</summary>
/// <param name="Build">Makes the step; of no use once <see cref="JsonStepFields.Wrong"/> is set.</param>
internal sealed record JsonStepForm(string Op, ImmutableArray<JsonField> Required, ImmutableArray<JsonField> Optional, string Example,
    Func<JsonStepFields, Step> Build)
{
    public static readonly ImmutableArray<JsonStepForm> All =
    [
        new("open", [JsonField.Socket], [JsonField.Protocol, JsonField.Family, JsonField.User, JsonField.Device, JsonField.Process],
            """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4"}""", Open),
        new("set", [JsonField.Socket, JsonField.Option, JsonField.Value], [],
            """{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1}""", Set),
        new("bind", [JsonField.Socket, JsonField.Address, JsonField.Port], [JsonField.Scope],
            """{"op":"bind","socket":"a","address":"127.0.0.1","port":8080}""", Bind),
        new("listen", [JsonField.Socket], [], """{"op":"listen","socket":"a"}""", static f => new ListenStep(Socket(f))),
        new("connect", [JsonField.Socket], [JsonField.Address, JsonField.Port, JsonField.To],
            """{"op":"connect","socket":"c","address":"127.0.0.1","port":8080}""", Connect),
        new("disconnect", [JsonField.Socket], [], """{"op":"disconnect","socket":"c"}""", static f => new DisconnectStep(Socket(f))),
        new("accept", [JsonField.Socket, JsonField.As], [],
            """{"op":"accept","socket":"a","as":"s"}""", static f => new AcceptStep(Socket(f), f.Text(JsonField.As, NameRules.OfSocket))),
        new("send", [JsonField.Socket, JsonField.Bytes], [JsonField.Address, JsonField.Port],
            """{"op":"send","socket":"c","bytes":100}""", Send),
        new("receive", [JsonField.Socket, JsonField.Bytes], [],
            """{"op":"receive","socket":"s","bytes":100}""",
            static f => new ReceiveStep(Socket(f), (int)f.Number(JsonField.Bytes, static n => StepRules.OfBytes(n, 1)))),
        new("shutdown", [JsonField.Socket, JsonField.How], [],
            """{"op":"shutdown","socket":"c","how":"write"}""", Shutdown),
        new("close", [JsonField.Socket], [], """{"op":"close","socket":"a"}""", static f => new CloseStep(Socket(f))),
        new("abort", [JsonField.Socket], [], """{"op":"abort","socket":"a"}""", static f => new AbortStep(Socket(f))),
        new("wait", [JsonField.Seconds], [], """{"op":"wait","seconds":66}""",
            static f => new WaitStep(f.Number(JsonField.Seconds, StepRules.OfSeconds))),
        new("sysctl", [JsonField.Name, JsonField.Value], [],
            """{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0"}""",
            static f => new SysctlStep(f.Text(JsonField.Name, SysctlRules.OfName), f.SysctlValue())),
        new("expect", [JsonField.Result], [JsonField.Rule, JsonField.By, JsonField.Claimed, JsonField.Steps],
            """{"op":"expect","result":"EADDRINUSE"}""", Expect),
        new("state", [JsonField.Socket], [], """{"op":"state","socket":"a"}""", static f => new StateStep(Socket(f))),
        new("name", [JsonField.Socket], [], """{"op":"name","socket":"a"}""", static f => new NameStep(Socket(f))),
        new("hold", [JsonField.Socket], [], """{"op":"hold","socket":"a"}""", static f => new HoldStep(Socket(f))),
        new("release", [JsonField.Socket], [], """{"op":"release","socket":"a"}""", static f => new ReleaseStep(Socket(f))),
        new("lose", [JsonField.Socket], [], """{"op":"lose","socket":"a"}""", static f => new LoseStep(Socket(f))),
        new("repeat", [JsonField.Socket, JsonField.Kind], [],
            """{"op":"repeat","socket":"a","kind":"fin"}""",
            static f => new RepeatStep(Socket(f), f.Word(JsonField.Kind, SegmentWords.All))),
        new("stream", [JsonField.Socket, JsonField.To, JsonField.Bytes], [],
            """{"op":"stream","socket":"a","to":"b","bytes":314572800}""", Stream),
        new("signal", [JsonField.Process, JsonField.Signal], [],
            """{"op":"signal","process":"server","signal":"INT"}""",
            static f => new SignalStep(Process(f), f.Word(JsonField.Signal, SignalWords.All))),
        new("exit", [JsonField.Process], [], """{"op":"exit","process":"server"}""", static f => new ExitStep(Process(f))),
        new("retry", [JsonField.Attempt, JsonField.Every, JsonField.For], [],
            """{"op":"retry","attempt":{"op":"listen","socket":"a"},"every":0.5,"for":70}""", Retry),
    ];

    public static readonly ImmutableArray<string> Ops = [.. All.Select(static form => form.Op)];

    private readonly uint _required = MaskOf(Required);
    private readonly uint _allowed = MaskOf(Required) | MaskOf(Optional);

    /// <param name="present">The fields that it has, a bit each.</param>
    public bool Fits(uint present) => (present & _required) == _required && (present & ~_allowed) == 0;

    /// <summary>The kind of an <c>op</c>; null for one that is not known.</summary>
    public static JsonStepForm? Find(string op) => All.FirstOrDefault(form => form.Op == op);

    private static uint MaskOf(ImmutableArray<JsonField> fields) =>
        fields.Aggregate(1u << (int)JsonField.Op, static (mask, field) => mask | 1u << (int)field);

    private static string Socket(JsonStepFields fields) => fields.Text(JsonField.Socket, NameRules.OfSocket);

    private static string Process(JsonStepFields fields) => fields.Text(JsonField.Process, NameRules.OfProcess);

    private static OpenStep Open(JsonStepFields fields)
    {
        var protocol = fields.Has(JsonField.Protocol) ? fields.Word(JsonField.Protocol, ("tcp", Protocol.Tcp), ("udp", Protocol.Udp))
            : Protocol.Tcp;
        var family = fields.Has(JsonField.Family) ? fields.Word(JsonField.Family, ("ipv4", IpFamily.IPv4), ("ipv6", IpFamily.IPv6))
            : IpFamily.IPv4;
        return new OpenStep(Socket(fields), protocol, family)
        {
            User = fields.Has(JsonField.User) ? (uint)fields.Number(JsonField.User, StepRules.OfUser) : null,
            Device = fields.TextOrNone(JsonField.Device, NameRules.OfDevice),
            Process = fields.TextOrNone(JsonField.Process, NameRules.OfProcess),
        };
    }

    private static SetStep Set(JsonStepFields fields)
    {
        var name = fields.Text(JsonField.Option);
        if (!SocketOptionNames.TryParse(name, out var option))
            fields.Refuse(JsonField.Option,
                $"option {fields.Slot(JsonField.Option).Shown} is not known{Nearest.Hint(name, [.. SocketOptionNames.All])}");
        return new SetStep(Socket(fields), option, fields.OptionValue(option));
    }

    private static BindStep Bind(JsonStepFields fields)
    {
        var (address, scope) = fields.Address();
        if (scope is not null && fields.Has(JsonField.Scope))
            fields.Refuse(JsonField.Scope, "the scope is given twice, with the address and by itself; leave one out");
        else if (fields.Has(JsonField.Scope) && address.Family == IpFamily.IPv4)
            fields.Refuse(JsonField.Scope, "an IPv4 address has no scope; leave it out");
        return new BindStep(Socket(fields), address, fields.Port(), scope ?? fields.TextOrNone(JsonField.Scope, NameRules.OfDevice));
    }

    private static ConnectStep Connect(JsonStepFields fields)
    {
        var socket = Socket(fields);
        if (!fields.Has(JsonField.To))
        {
            var (address, port) = Remote(fields);
            return new ConnectStep(socket, address, port);
        }
        if (fields.Has(JsonField.Address) || fields.Has(JsonField.Port))
            fields.Refuse(JsonField.To, "connect goes to a socket (to) or to an address and port, not to both; leave one out");
        return ConnectStep.Toward(socket, fields.Text(JsonField.To, NameRules.OfSocket));
    }

    private static SendStep Send(JsonStepFields fields)
    {
        var step = new SendStep(Socket(fields), (int)fields.Number(JsonField.Bytes, static n => StepRules.OfBytes(n, 0)));
        if (!fields.Has(JsonField.Address) && !fields.Has(JsonField.Port))
            return step;
        return step with { To = Remote(fields) };
    }

    private static ShutdownStep Shutdown(JsonStepFields fields) => new(Socket(fields), fields.Word(JsonField.How, ShutdownWords.All));

    private static ExpectStep Expect(JsonStepFields fields) =>
        new ExpectStep(Result(fields, JsonField.Result))
        {
            Claimed = fields.Has(JsonField.Claimed) ? Result(fields, JsonField.Claimed) : null,
            Rule = fields.TextOrNone(JsonField.Rule, StepRules.OfRule),
            By = fields.TextOrNone(JsonField.By, StepRules.OfBlocker),
            Steps = fields.Has(JsonField.Steps) ? (int)fields.Number(JsonField.Steps, StepRules.OfCovered) : 1,
        };

    private static string Result(JsonStepFields fields, JsonField field)
    {
        var text = fields.Text(field);
        fields.Refuse(field, ResultNames.Read(text, out var result));
        return result;
    }

    private static StreamStep Stream(JsonStepFields fields) =>
        new(Socket(fields), fields.Text(JsonField.To, NameRules.OfSocket), (long)fields.Number(JsonField.Bytes, StepRules.OfStreamed));

    private static RetryStep Retry(JsonStepFields fields)
    {
        if (fields.Attempt is null)
            fields.Refuse(JsonField.Attempt, $"attempt must be a step, not {fields.Slot(JsonField.Attempt).Shown}");
        var every = fields.Number(JsonField.Every, StepRules.OfSeconds);
        var longest = fields.Number(JsonField.For, StepRules.OfSeconds);
        fields.Refuse(JsonField.For, StepRules.OfRetry(every, longest));
        return new RetryStep(fields.Attempt!, every, longest);
    }

    private static IpEndpoint Remote(JsonStepFields fields) => new(
        Needed(fields, JsonField.Address) ? fields.AddressWithoutScope() : default,
        Needed(fields, JsonField.Port) ? fields.Port() : (ushort)0);

    // An address needs its port, and a port its address.
    private static bool Needed(JsonStepFields fields, JsonField field)
    {
        if (fields.Has(field))
            return true;
        var op = fields.Text(JsonField.Op);
        var rule = op == "connect" ? "connect goes to an address and port, or to a socket (to); it"
            : $"an address and a port go together; {op}";
        fields.Refuse(JsonField.Op, $"{rule} has no {JsonFieldNames.Of(field)}");
        return false;
    }
}
