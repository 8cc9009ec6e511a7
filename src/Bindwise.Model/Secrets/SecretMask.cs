namespace Bindwise.Model.Secrets;

/// <summary>Takes the secrets out of command lines: passwords, tokens and keys become <c>***</c>. What is a secret follows from the names
/// of options, variables, headers and fields, from what known programs take, and from the look of known tokens. Masking what is masked
/// changes nothing. Each letter is looked at a few times at most, so long hostile arguments take no longer than their length.</summary>
internal static class SecretMask
{
    /// <summary>The snapshot with every command line in it masked.</summary>
    public static Snapshot Of(Snapshot snapshot) =>
        snapshot with
        {
            Processes = [.. snapshot.Processes.Select(Of)],
            Caller = snapshot.Caller with { As = snapshot.Caller.As is { } program ? Of(program) : null },
            Elsewhere = snapshot.Elsewhere is { } survey ? survey with { Sockets = [.. survey.Sockets.Select(Of)] } : null,
        };

    private static Subject Of(Subject program) => program with
    {
        Process = program.Process is { } process ? Of(process) : null,
        NetworkProcess = program.NetworkProcess is { } other ? Of(other) : null,
    };

    private static ElsewhereRecord Of(ElsewhereRecord record) =>
        record with { Process = record.Process is { } process ? Of(process) : null };

    public static ProcessRecord Of(ProcessRecord process) =>
        Of(process.Arguments) is var masked && masked.AsSpan().SequenceEqual(process.Arguments.AsSpan()) ? process
            : process with { Arguments = masked };

    /// <summary>The target with the password of a URL masked, which somebody pasted as it was.</summary>
    public static Target Of(Target target) =>
        target.Path is null && target.Text.AsSpan().ContainsAny('@', '=') ? target with { Text = CommandWords.MaskLine(target.Text) }
            : target;

    /// <summary>The arguments of a program, the first of them its name.</summary>
    public static ImmutableArray<string> Of(ImmutableArray<string> arguments) =>
        arguments.IsDefaultOrEmpty ? arguments : [.. CommandWords.Mask(arguments)];
}
