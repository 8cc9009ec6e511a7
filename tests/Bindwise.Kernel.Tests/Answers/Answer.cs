using System.Text.Json;
using System.Text.Json.Serialization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Answers;

/// <summary>One line of `bindwise why --json`, as a program that reads it would see it.</summary>
internal sealed record Answer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };

    public required string Schema { get; init; }

    public required AnswerTarget Target { get; init; }

    public required AnswerAs? As { get; init; }

    public required string Verdict { get; init; }

    public required string? Errno { get; init; }

    public required string Cause { get; init; }

    public required IReadOnlyList<string> Factors { get; init; }

    public required AnswerRule? Rule { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<AnswerAttempt> Attempts { get; init; }

    public required IReadOnlyList<AnswerBlocker> Blockers { get; init; }

    public required IReadOnlyList<AnswerPolicy> Policies { get; init; }

    public required IReadOnlyList<AnswerElsewhere> Elsewhere { get; init; }

    public required AnswerPortUse? PortUse { get; init; }

    public required string? ClosedFirst { get; init; }

    public required DateTimeOffset? FreeAt { get; init; }

    public required IReadOnlyList<AnswerRemedy> Remedies { get; init; }

    public required IReadOnlyList<AnswerRemark> Warnings { get; init; }

    public required IReadOnlyList<AnswerRemark> Limits { get; init; }

    /// <summary>The run that gave it.</summary>
    [JsonIgnore]
    public Outcome Outcome { get; private init; } = new("", 0, [], "");

    /// <summary>The owners of all blockers.</summary>
    [JsonIgnore]
    public IEnumerable<AnswerOwner> Owners => Blockers.SelectMany(static blocker => blocker.Owners);

    /// <summary>The states of all blockers, sorted.</summary>
    [JsonIgnore]
    public IEnumerable<string> States => Blockers.Select(static blocker => blocker.State).Order(StringComparer.Ordinal);

    /// <summary>Reads one line.</summary>
    public static Answer Read(string line, Outcome outcome)
    {
        try
        {
            return JsonSerializer.Deserialize<Answer>(line, Options)! with { Outcome = outcome };
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"no answer: {e.Message}\n{outcome}", e);
        }
    }

    /// <summary>Asserts verdict, errno and cause.</summary>
    public Answer Is(string verdict, string? errno, string cause)
    {
        Assert.True((verdict, errno, cause) == (Verdict, Errno, Cause),
            $"expected {verdict}, {errno ?? "no errno"}, {cause}; got {Verdict}, {Errno ?? "no errno"}, {Cause}\n{Outcome}");
        return this;
    }

    /// <summary>Asserts anything, with the whole answer in the message.</summary>
    public Answer Has(bool condition, string what)
    {
        Assert.True(condition, $"expected: {what}\n{Outcome}");
        return this;
    }

    /// <summary>What bind(), or then listen(), answers with exactly these options in the attempts on an address (or on every one).</summary>
    public string ResultWith(string? address, params string[] options)
    {
        var attempts = Attempts.Where(attempt => (address is null || attempt.Address == address)
            && attempt.Options.Where(static option => !option.StartsWith("IPV6_V6ONLY", StringComparison.Ordinal)).ToHashSet().SetEquals(options)).ToList();
        Assert.True(attempts.Count > 0, $"expected an attempt on {address ?? "any address"} with [{string.Join(", ", options)}]\n{Outcome}");
        return attempts.Select(static attempt => attempt.Listen is { Result: not "ok" } listen ? listen.Result! : attempt.Bind.Result!)
            .OrderBy(static result => result == "ok").First();
    }
}

internal sealed record AnswerTarget(string Protocol, string? Address, int? Port, string? Path, string? Destination);

internal sealed record AnswerPortUse(int First, int Last, int Usable, int Used, IReadOnlyList<AnswerDestination> Destinations);

internal sealed record AnswerDestination(string Remote, string Local, int Count, int TimeWait, IReadOnlyList<AnswerOwner> Owners);

internal sealed record AnswerAs(
    string Text,
    string Asked,
    string? User,
    long UserId,
    int? Pid,
    string? Unit,
    string? Container,
    ulong NetworkNamespace,
    string? Network,
    bool OtherNetwork,
    string? Capabilities,
    string PrivilegedPorts);

internal sealed record AnswerElsewhere(
    string Protocol, string State, string Local, ulong NetworkNamespace, string? Network, int? Pid, string? Command, string? Container, bool Holds);

internal sealed record AnswerRule(string Id, string Sentence, string Source);

internal sealed record AnswerCall(string? Result, string? How, bool Permitted);

internal sealed record AnswerAttempt(string Address, IReadOnlyList<string> Options, AnswerCall Bind, AnswerCall? Listen, bool Asked);

internal sealed record AnswerBlocker(
    string Protocol,
    string State,
    string Local,
    string? Remote,
    double? SecondsLeft,
    ulong Inode,
    ulong Cookie,
    long? UserId,
    IReadOnlyList<string> Options,
    bool? Multipath,
    string? SubflowState,
    AnswerKernelService? KernelService,
    IReadOnlyList<AnswerOwner> Owners,
    AnswerPeer? Peer,
    AnswerFlight? InFlight,
    AnswerHint? Hint);

internal sealed record AnswerPeer(string State, string Local, ulong Inode, IReadOnlyList<AnswerOwner> Owners);

internal sealed record AnswerFlight(ulong Inode, bool Accepted, IReadOnlyList<int> Receivers, IReadOnlyList<int> Senders);

internal sealed record AnswerHint(string? User, string? Cgroup, string? Unit, string? Container);

internal sealed record AnswerKernelService(string Kind, IReadOnlyList<string> Names, string Label, string Source, string? Handler);

internal sealed record AnswerPolicy(string Kind, string? Name, string? Where, string? Detail, bool Certain);

internal sealed record AnswerOwner(
    int? Pid,
    int? NamespacePid,
    string? Command,
    string? Executable,
    bool ExecutableDeleted,
    string? User,
    string? Unit,
    string? Container,
    string Role,
    IReadOnlyList<string> Holds,
    DateTimeOffset? StartedAt,
    string? WorkingDirectory,
    string State,
    IReadOnlyList<AnswerParent>? Parents,
    AnswerOrigin StartedFrom);

internal sealed record AnswerOrigin(
    string? Unit,
    AnswerSocketUnit? SocketUnit,
    AnswerContainer? Container,
    AnswerCompose? Compose,
    string? Terminal,
    string? Session,
    string? Tool,
    int? ToolPid,
    string? ProjectFolder,
    string? Branch);

internal sealed record AnswerSocketUnit(string Name, string Service);

internal sealed record AnswerContainer(string Id, string? Name, string? Engine, string? Image, int? Port);

internal sealed record AnswerCompose(string Project, string? Service);

internal sealed record AnswerParent(int Pid, string Name);

internal sealed record AnswerRemedy(string Id, string Text, string? Command, string? Changes, string? Risk, string? Language);

internal sealed record AnswerRemark(string Id, string Text);
