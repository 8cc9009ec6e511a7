namespace Bindwise.Model.Secrets;

/// <summary>Texts that hide nothing although a secret's name stands before them: switches, files, references.</summary>
internal static class SecretValues
{
    public const string Mask = "***";

    /// <summary>How a value begins that says where the secret is kept.</summary>
    private static readonly ImmutableArray<string> References =
    [
        "${", "$(", "{{", "%(", "@/", "@./", "@~", "@-", "file:", "env:", "fd:", "op://", "arn:aws", "vault:", "ref+", "secretref:",
        "secretKeyRef", "awskms:", "gcpkms:",
        "azurekms:", "hashivault:", "keyring:", "keychain:", "projects/", "id=", "src=", "source=", "type=",
    ];

    /// <summary>Top directories of a path; a password may begin with a slash too.</summary>
    private static readonly HashSet<string> Roots = new(StringComparer.Ordinal)
    {
        "app", "cert", "certs", "conf", "config", "data", "dev", "etc", "home", "key", "keys", "lib", "media", "mnt", "opt", "private",
        "proc", "root", "run", "secret", "secrets",
        "snap", "srv", "ssl", "sys", "tls", "tmp", "Users", "usr", "var", "vault", "work", "workspace",
    };

    /// <summary>Groups that stand where a password could.</summary>
    private static readonly HashSet<string> Groups = new(StringComparer.Ordinal) { "root", "wheel", "nogroup", "nobody", "users", "daemon",
        "adm", "www-data", "docker", "staff", "node", "app", "sys", "bin" };

    private static readonly ImmutableArray<string> FileEndings =
        [".pem", ".key", ".crt", ".cer", ".json", ".jwk", ".jks", ".p12", ".pfx", ".pub", ".yml", ".yaml", ".toml", ".conf", ".txt",
            ".creds", ".env", ".ini", ".asc", ".gpg"];

    /// <summary>Nothing to hide: no value, a switch, a variable's name, or what is hidden already.</summary>
    public static bool IsPlain(ReadOnlySpan<char> value)
    {
        if (value.Length == 0 || value is "-" or "stdin" or "true" or "false" or "yes" or "no" or "on" or "off" or "none" or "null"
            or "True" or "False" || !value.ContainsAnyExcept('*'))
            return true;
        return value[0] == '$' && value.Length > 1 && IsVariable(value[1..]);
    }

    /// <summary>A file, a variable or a key store, which holds the secret in the value's place.</summary>
    public static bool IsReference(ReadOnlySpan<char> value)
    {
        foreach (var reference in References)
        {
            if (value.StartsWith(reference, StringComparison.Ordinal))
                return true;
        }
        return IsPath(value);
    }

    /// <summary>A path from the root, the home or the current directory.</summary>
    public static bool IsPath(ReadOnlySpan<char> value)
    {
        if (value.StartsWith("./", StringComparison.Ordinal) || value.StartsWith("../", StringComparison.Ordinal)
            || value.StartsWith("~/", StringComparison.Ordinal))
            return true;
        if (value.Length < 2 || value[0] != '/')
            return false;
        var end = value[1..].IndexOf('/');
        return EndsAsFile(value) || end > 0 && Roots.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value.Slice(1, end));
    }

    /// <summary>A file's name where a key's text could stand.</summary>
    public static bool IsFile(ReadOnlySpan<char> value) => value.Length == 0 || value[0] is '/' or '~' or '.' || EndsAsFile(value);

    private static bool EndsAsFile(ReadOnlySpan<char> value)
    {
        foreach (var ending in FileEndings)
        {
            if (value.EndsWith(ending, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>Long, of letters and digits, and no path: what keys look like.</summary>
    public static bool LooksRandom(ReadOnlySpan<char> text) => text.Length is >= 16 and <= 4096 && text[0] is not ('/' or '.' or '~')
        && !text.ContainsAnyExcept(TokenLetters) && text.ContainsAnyInRange('0', '9') && text.ContainsAnyExceptInRange('0', '9')
        && !IsFile(text);

    /// <summary>
    /// Where the password begins in user:password, where a group, a port or a mode could stand as well (user:group, host:port); 0 for
    /// those.
    /// </summary>
    public static int PasswordAt(ReadOnlySpan<char> value)
    {
        var colon = value.IndexOf(':');
        if (colon <= 0 || colon + 1 == value.Length || value.Contains("://", StringComparison.Ordinal) || value[0] is '/' or '.' or '[')
            return 0;
        var user = value[..colon];
        var password = value[(colon + 1)..];
        var isGroup = !user.ContainsAnyExceptInRange('0', '9') || user.SequenceEqual(password)
            || Groups.GetAlternateLookup<ReadOnlySpan<char>>().Contains(password)
            || (password.Length <= 5 && !password.ContainsAnyExceptInRange('0', '9')) || IsPlain(password) || password[0] == '/';
        return isGroup ? 0 : colon + 1;
    }

    // $NAME as a shell script has it; a password may begin with a dollar too, but is rarely all capitals.
    private static bool IsVariable(ReadOnlySpan<char> name) => !name.ContainsAnyExcept(VariableLetters);

    private static readonly System.Buffers.SearchValues<char> VariableLetters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static readonly System.Buffers.SearchValues<char> TokenLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/=");
}

/// <summary>
/// Takes the secrets out of command lines: passwords, tokens and keys become <c>***</c>. What is a secret follows from the names of
/// options, variables, headers and fields, from what known programs take, and from the look of known tokens. Masking what is masked changes
/// nothing. Each letter is looked at a few times at most, so long hostile arguments take no longer than their length.
/// </summary>
internal static class SecretMask
{
    /// <summary>The snapshot with every command line in it masked.</summary>
    public static Snapshot Of(Snapshot snapshot) =>
        snapshot with
        {
            Processes = Of(snapshot.Processes),
            Caller = snapshot.Caller with
            {
                As = snapshot.Caller.As is { } program ? Of(program) : null,
                Process = snapshot.Caller.Process is { } process ? Of(process) : null,
            },
            Elsewhere = snapshot.Elsewhere is { } survey ? survey with { Sockets = [.. survey.Sockets.Select(Of)] } : null,
        };

    // Workers have one command line, which is read but once.
    private static ImmutableArray<ProcessRecord> Of(ImmutableArray<ProcessRecord> processes)
    {
        var masked = ImmutableArray.CreateBuilder<ProcessRecord>(processes.Length);
        ImmutableArray<string> clean = [];
        foreach (var process in processes)
        {
            var mine = process.Arguments == clean ? process : Of(process);
            if (ReferenceEquals(mine, process))
                clean = process.Arguments;
            masked.Add(mine);
        }
        return masked.MoveToImmutable();
    }

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
        target.Path is null && target.Text.AsSpan().ContainsAny('@', '=') ? target with { Text = CommandLineMask.MaskLine(target.Text) }
            : target;

    /// <summary>The arguments of a program, the first of them its name.</summary>
    public static ImmutableArray<string> Of(ImmutableArray<string> arguments) =>
        arguments.IsDefaultOrEmpty ? arguments : [.. CommandLineMask.Mask(arguments)];
}
