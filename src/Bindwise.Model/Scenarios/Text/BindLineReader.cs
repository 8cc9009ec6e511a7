using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>Reads the statements of one line into steps; a fault is remembered by the cursor.</summary>
internal sealed class BindLineReader(BindCursor cursor, BindSockets sockets)
{
    private const string OpenExample = "a = tcp 127.0.0.1:8080 listen";

    private readonly List<(Step Step, int Column)> _steps = [];

    /// <summary>The steps, each with the column of the word that makes it, from 1.</summary>
    public IReadOnlyList<(Step Step, int Column)> Steps => _steps;

    /// <summary>The index in <see cref="Steps"/> of the first step of the statement that was read last.</summary>
    public int Statement { get; private set; }

    public BindCursor Cursor => cursor;

    public void Read()
    {
        var judged = 0;
        while (!cursor.AtEnd)
        {
            Statement = _steps.Count;
            ReadStatement();
            if (cursor.Current is { Kind: BindTokenKind.Arrow } arrow)
            {
                cursor.Take();
                Add(arrow, BindExpectation.Read(cursor) with { Steps = Math.Max(_steps.Count - judged, 1) });
                judged = _steps.Count;
            }
            if (!cursor.AtEnd && !cursor.Skip(BindTokenKind.Semicolon))
                cursor.Expected("the end of the statement, a ; before the next one, or a ->", "close a; close b -> ok");
        }
    }

    public void Add(BindToken token, Step step)
    {
        _steps.Add((step, token.Start + 1));
        sockets.Learn(step);
    }

    /// <summary>What to connect to: an address with a port, or a socket.</summary>
    public ConnectStep Target(string socket)
    {
        if (cursor.Current.Kind != BindTokenKind.Word || !BindEndpoint.IsMeant(cursor.Current.Text))
            return ConnectStep.Toward(socket, cursor.Name("a socket's name or an address with a port", "connect c 127.0.0.1:8080"));
        var endpoint = Endpoint(takesScope: false);
        return new ConnectStep(socket, endpoint.Address, endpoint.Port);
    }

    /// <summary>What to bind to: an address with a port, and of IPv6 perhaps a scope.</summary>
    public BindStep Bound(string socket)
    {
        var endpoint = Endpoint(takesScope: true);
        return new BindStep(socket, endpoint.Address, endpoint.Port, endpoint.Scope);
    }

    public BindEndpoint Endpoint(bool takesScope)
    {
        var token = cursor.Text("an address with a port", "bind a 127.0.0.1:8080");
        if (cursor.Wrong is not null)
            return default;
        if (BindEndpoint.Read(token.Text, out var endpoint, out var correction) is { } fault)
            cursor.Refuse(token, fault, correction is null ? null : cursor.Corrected(token, correction));
        else if (!takesScope && endpoint.Scope is not null)
            cursor.Refuse(token, "only bind takes a scope", cursor.Corrected(token, (endpoint with { Scope = null }).ToString()));
        return endpoint;
    }

    private void ReadStatement()
    {
        var token = cursor.Current;
        // Without a name the sign comes first, and is what ReadNew refuses.
        if (token.Kind == BindTokenKind.Equals || cursor.Following.Kind == BindTokenKind.Equals)
            ReadNew();
        else if (token.Kind == BindTokenKind.Word && BindVerb.Find(token.Text) is { } verb)
            verb.Read(this, cursor.Take(), verb.Example);
        else if (token.Kind == BindTokenKind.Arrow)
            cursor.Refuse(token, "an arrow goes after the step that it judges; on a line of its own, write expect",
                cursor.Corrected(token, "expect"));
        else if (cursor.Following is var what && (BindProtocols.Find(what.Text) is not null || what.Is("accept")))
            cursor.Refuse(what, $"found {BindCursor.Shown(what)}, expected = between the new socket's name and what it is",
                cursor.Corrected(what, "= " + what.Text));
        else
            cursor.Unknown(token, "NAME = … for a new socket, or a step: " + string.Join(", ", BindVerb.Words), BindVerb.Words,
                OpenExample);
    }

    private void ReadNew()
    {
        var name = cursor.Name("a socket's name", OpenExample);
        cursor.Take();
        var token = cursor.Current;
        if (cursor.Skip("accept"))
            Add(token, new AcceptStep(cursor.Name("the listener's name", "conn = accept a"), name));
        else if (cursor.Skip("connect"))
            ReadClient(token, name);
        else if (token.Kind == BindTokenKind.Word && BindProtocols.Find(token.Text) is { } kind)
            ReadOpen(cursor.Take(), name, kind);
        else
            cursor.Unknown(token, "what the new socket is: tcp, udp (or tcp4, tcp6, udp4, udp6), accept or connect",
                [.. BindProtocols.Words, "accept", "connect"], OpenExample);
    }

    private void ReadClient(BindToken token, string name)
    {
        var connect = Target(name);
        AddOpen(token, new OpenStep(name, sockets.ProtocolToward(connect), IpFamily.IPv4), null, [(connect, token)]);
    }

    private void ReadOpen(BindToken token, string name, (Protocol Protocol, IpFamily? Family) kind)
    {
        var open = new OpenStep(name, kind.Protocol, IpFamily.IPv4);
        while (IsOwn(cursor.Current))
            open = ReadOwn(open);
        var actions = new List<(Step Step, BindToken Token)>();
        while (!cursor.Current.EndsStatement)
        {
            var at = cursor.Current;
            actions.Add((ReadAction(name), at));
        }
        AddOpen(token, open, kind.Family, actions);
    }

    private static bool IsOwn(BindToken token) => token.Is("user") || token.Is("device") || token.Is("in");

    private OpenStep ReadOwn(OpenStep open)
    {
        var token = cursor.Take();
        if (token.Text == "in")
        {
            if (open.Process is not null)
                cursor.Refuse(token, "in is there twice; leave one out", null);
            return open with { Process = cursor.Name("a process's name", "a = tcp in server 127.0.0.1:8080 listen") };
        }
        if (token.Text == "user")
        {
            if (open.User is not null)
                cursor.Refuse(token, "user is there twice; leave one out", null);
            return open with { User = (uint)cursor.Number("a user id", StepRules.OfUser, "a = tcp user 1000 127.0.0.1:8080") };
        }
        if (open.Device is not null)
            cursor.Refuse(token, "device is there twice; leave one out", null);
        var device = cursor.Text("an interface's name", "a = tcp device lo 127.0.0.1:8080");
        cursor.Check(device, NameRules.OfDevice(device.Text));
        return open with { Device = device.Text };
    }

    private Step ReadAction(string name)
    {
        var token = cursor.Current;
        if (BindOptions.IsNext(cursor))
            return BindOptions.Read(cursor, name);
        if (cursor.Skip("listen"))
            return new ListenStep(name);
        if (cursor.Skip("connect"))
            return Target(name);
        if (token.Kind == BindTokenKind.Quoted || BindEndpoint.IsMeant(token.Text))
            return Bound(name);
        if (IsOwn(token))
            cursor.Refuse(token, $"{token.Text} is part of opening the socket, and goes right after tcp or udp",
                $"a = tcp {token.Text} {(token.Is("user") ? "1000" : token.Is("device") ? "lo" : "server")} 127.0.0.1:8080");
        cursor.Unknown(token, "an option, an address with a port, listen or connect",
            [.. BindOptions.Known, "listen", "connect", "user", "device"], OpenExample);
        return new ListenStep(name);
    }

    private void AddOpen(BindToken token, OpenStep open, IpFamily? family, List<(Step Step, BindToken Token)> actions)
    {
        Add(token, open with { Family = family ?? sockets.FamilyFor(actions.Select(static action => action.Step)) });
        foreach (var (step, at) in actions)
            Add(at, step);
    }
}

/// <summary>Reads a .bind file line by line; a line with a fault is left out, and the next one read.</summary>
internal sealed class BindReader(string name)
{
    /// <summary>After so many faults the rest is not read.</summary>
    private const int MaxFaults = 20;

    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private readonly ImmutableArray<StepPosition>.Builder _positions = ImmutableArray.CreateBuilder<StepPosition>();
    private readonly ImmutableArray<ScenarioFault>.Builder _faults = ImmutableArray.CreateBuilder<ScenarioFault>();
    private readonly ScenarioMeter _meter = new();
    private bool _isOverLimit;
    private readonly BindSockets _sockets = new();
    private string _name = name;
    private bool _hasStatements;
    private int _line;

    public ScenarioParse Read(ReadOnlySpan<char> text)
    {
        if (NameRules.OfScenario(_name) is { } fault)
            return new ScenarioParse(null, [new ScenarioFault(fault)]);
        foreach (var range in text.Split('\n'))
        {
            _line++;
            if (_faults.Count == MaxFaults && !text[range.Start..].Trim().IsEmpty)
            {
                _faults.Add(new ScenarioFault($"from here on nothing is read, after {MaxFaults} faults", _line));
                break;
            }
            ReadLine(text[range].TrimEnd('\r').ToString());
        }
        if (_faults.Count > 0)
            return new ScenarioParse(null, _faults.ToImmutable()) { Name = _name };
        return new ScenarioParse(new Scenario(_name, _steps.ToImmutable()), []) { Name = _name, Positions = _positions.ToImmutable() };
    }

    private void ReadLine(string source)
    {
        var cursor = new BindCursor(BindLine.Cut(source));
        var isFirst = !_hasStatements;
        _hasStatements |= !cursor.AtEnd || cursor.Wrong is not null;
        if (cursor.Current.Is("scenario") && cursor.Following.Kind != BindTokenKind.Equals)
            ReadHeader(cursor, isFirst);
        else
            ReadSteps(cursor);
    }

    private void ReadHeader(BindCursor cursor, bool isFirst)
    {
        const string Example = "scenario restart-over-time-wait";
        if (!isFirst)
            cursor.Refuse(cursor.Current, "a file holds one scenario, and its name goes before the first step", null);
        cursor.Take();
        var read = cursor.Words("the scenario's name", Example);
        if (!cursor.AtEnd)
            cursor.Expected("the end of the line after the scenario's name, which goes in quotes if it has other characters", Example);
        cursor.Check(read, NameRules.OfScenario(read.Text));
        if (cursor.Wrong is { } fault)
            _faults.Add(fault with { Line = _line });
        else
            _name = read.Text;
    }

    private void ReadSteps(BindCursor cursor)
    {
        var reader = new BindLineReader(cursor, _sockets);
        reader.Read();
        if (cursor.Wrong is { } wrong)
        {
            // How many steps a line with a fault was meant to have nobody knows.
            _faults.Add(wrong with { Line = _line, Step = _faults.Count == 0 ? _steps.Count + reader.Statement : null });
            return;
        }
        if (_isOverLimit)
            return;
        foreach (var (step, column) in reader.Steps)
        {
            if (_meter.Add(step) is { } fault)
            {
                // What follows exceeds it as well.
                _isOverLimit = true;
                _faults.Add(new ScenarioFault(fault, _line, column, _faults.Count == 0 ? _steps.Count : null));
                return;
            }
            _steps.Add(step);
            _positions.Add(new StepPosition(_line, column));
        }
    }
}
