using Microsoft.Extensions.Configuration;

namespace Bindwise.Extensions.Hosting;

/// <summary>
/// How a host binds the listeners of <c>AddListener</c>. Read from the section <c>Bindwise</c> of the configuration first, then set by code
/// (<c>services.Configure&lt;BindwiseHostOptions&gt;</c>); checked when the host starts.
/// </summary>
public sealed class BindwiseHostOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Bindwise";

    /// <summary>
    /// A listener takes sockets that a service manager or a parent passed (LISTEN_FDS, sd_listen_fds(3)): those with its name
    /// (FileDescriptorName=), else those bound where it would listen. Passed sockets that no listener takes refuse the start. <see
    /// cref="SocketActivationMode.Off"/>: none is taken; listeners have no URLs, and make no difference between the others. Where
    /// <c>UseBindwise()</c> binds Kestrel's endpoints, those take the sockets, and the listeners bind.
    /// </summary>
    public SocketActivationMode SocketActivation { get; set; } = SocketActivationMode.Matching;

    /// <summary>
    /// What to do if the sockets were passed to another process, for instance to a wrapper script; null: a warning in the log, and the
    /// listeners bind.
    /// </summary>
    public ListenPidMismatch? ListenPidMismatch { get; set; }

    /// <summary>How much of a holder's command line is logged when a start fails; passwords and keys in it are masked.</summary>
    public CommandLineDetail CommandLines { get; set; }

    /// <summary>What the configuration had that could not be understood, one sentence each.</summary>
    internal List<string> Faults { get; } = [];
}

/// <summary>Reads the values of one section; what cannot be understood goes to the faults, with its key and what would be right.</summary>
internal sealed class SectionReader(IConfigurationSection section, List<string> faults)
{
    // A configuration comes from anywhere: a fault stays one line of bearable length.
    private const int LongestShown = 60;

    public bool Exists => section.Exists();
    public IEnumerable<string> Keys => section.GetChildren().Select(static one => one.Key);

    public SectionReader Inner(string key) => new(section.GetSection(key), faults);

    /// <summary>Tells of every key that is none of these.</summary>
    public void Known(params ReadOnlySpan<string> keys)
    {
        if (section.Value is { Length: > 0 } value)
            Complain(section, $"is '{Shown(value)}'; it is a section, with {string.Join(", ", keys)}");
        foreach (var child in section.GetChildren())
        {
            var isKnown = false;
            foreach (var key in keys)
                isKnown |= string.Equals(child.Key, key, StringComparison.OrdinalIgnoreCase);
            if (!isKnown)
                Complain(child, $"is not known; there are {string.Join(", ", keys)}");
        }
    }

    /// <summary>A text; null where none is given.</summary>
    public string? Text(string key)
    {
        var inner = section.GetSection(key);
        if (inner.Value is null && inner.GetChildren().Any())
            Complain(inner, "is a section; it takes one value");
        return inner.Value;
    }

    /// <summary>What a function makes of the text, which throws FormatException when it cannot.</summary>
    public T? Read<T>(string key, Func<string, T> parse)
        where T : class
    {
        if (Text(key) is not { } text)
            return null;
        try
        {
            return parse(text);
        }
        catch (FormatException exception)
        {
            Complain(section.GetSection(key), $"cannot be read: {exception.Message.TrimEnd('.')}");
            return null;
        }
    }

    /// <summary>What a function makes of each value, by the port that is its key; null for null.</summary>
    public IEnumerable<KeyValuePair<int, T?>> ByPort<T>(Func<string, T> parse)
        where T : class
    {
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                Complain(child, "needs a port as its key, such as 5000");
            else if (child.Value is null && !child.GetChildren().Any())
                yield return new(port, null);
            else if (Read(child.Key, parse) is { } value)
                yield return new(port, value);
        }
    }

    /// <summary>The permissions of a file, as chmod(1) takes them.</summary>
    public UnixFileMode? FileMode(string key) => Value<UnixFileMode>(
        key, static text => text.Length is 3 or 4 && text.All(static one => one is >= '0' and <= '7')
            ? (UnixFileMode)Convert.ToInt32(text, 8) : null, "octal permissions, such as 0660");

    public bool? Switch(string key) => Value<bool>(key, static text => bool.TryParse(text, out var value) ? value : null, "true or false");

    public int? Number(string key) => Value<int>(key, static text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null, "a whole number");

    /// <summary>A time. A number alone would be days, which nobody means.</summary>
    public TimeSpan? Time(string key) => Value<TimeSpan>(
        key, static text => text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture,
            out var value) ? value : null, "hours:minutes:seconds, such as 00:00:30");

    public TimeSpan? TimeOrInfinite(string key) =>
        string.Equals(Text(key), "infinite", StringComparison.OrdinalIgnoreCase) ? Timeout.InfiniteTimeSpan : Time(key);

    public T? Word<T>(string key)
        where T : struct, Enum =>
        Value<T>(key, static text => Enum.TryParse<T>(text, ignoreCase: true, out var value) && IsName(text) ? value : null,
            "one of " + string.Join(", ", Enum.GetNames<T>()));

    /// <summary>Some of an enumeration's names, with commas between.</summary>
    public T? Words<T>(string key)
        where T : struct, Enum =>
        Value<T>(key, static text => Enum.TryParse<T>(text, ignoreCase: true, out var value) && text.Split(',').All(IsName) ? value : null,
            "some of " + string.Join(", ", Enum.GetNames<T>()));

    private T? Value<T>(string key, Func<string, T?> parse, string form)
        where T : struct
    {
        if (Text(key) is not { } text)
            return null;
        var value = parse(text);
        if (value is null)
            Complain(section.GetSection(key), $"is '{Shown(text)}'; write {form}");
        return value;
    }

    // Enum.TryParse takes numbers too.
    private static bool IsName(string text) =>
        text.Trim() is [var first, ..] && char.IsAsciiLetter(first) && !text.Contains(',', StringComparison.Ordinal);

    private void Complain(IConfigurationSection where, string what) => faults.Add($"{Shown(where.Path)} {what}.");

    private static string Shown(string text)
    {
        var cut = text.Length > LongestShown ? text[..LongestShown] + "..." : text;
        return string.Concat(cut.Select(static letter => char.IsControl(letter) ? '?' : letter));
    }
}

/// <summary>Whether a value has a name: code may cast any number. (Enum.IsDefined is compiled anew for each type at each start.)</summary>
internal static class DefinedValues
{
    internal static bool IsDefined(this CommandLineDetail detail) => detail is >= CommandLineDetail.Off and <= CommandLineDetail.Full;

    internal static bool IsDefined(this SocketActivationMode mode) =>
        mode is >= SocketActivationMode.Off and <= SocketActivationMode.InsteadOfUrls;

    internal static bool IsDefined(this ListenPidMismatch mismatch) =>
        mismatch is >= ListenPidMismatch.Refuse and <= ListenPidMismatch.Ignore;
}

/// <summary>Reads and checks the part of the section <c>Bindwise</c> that is for listeners; Kestrel's endpoints have the rest.</summary>
internal sealed class HostOptionsFromConfiguration(IConfiguration? configuration, bool isSectionShared)
    : IConfigureOptions<BindwiseHostOptions>, IValidateOptions<BindwiseHostOptions>
{
    public void Configure(BindwiseHostOptions options)
    {
        if (configuration is null)
            return;
        var section = new SectionReader(configuration.GetSection(BindwiseHostOptions.SectionName), options.Faults);
        if (!isSectionShared)
            section.Known("SocketActivation", "ListenPidMismatch", "CommandLines");
        options.SocketActivation = section.Word<SocketActivationMode>("SocketActivation") ?? options.SocketActivation;
        options.ListenPidMismatch = section.Word<ListenPidMismatch>("ListenPidMismatch") ?? options.ListenPidMismatch;
        options.CommandLines = section.Word<CommandLineDetail>("CommandLines") ?? options.CommandLines;
    }

    public ValidateOptionsResult Validate(string? name, BindwiseHostOptions options)
    {
        var faults = new List<string>(options.Faults);
        if (options.ListenPidMismatch is { } mismatch && !mismatch.IsDefined())
            faults.Add($"{BindwiseHostOptions.SectionName}:ListenPidMismatch is not a valid value.");
        if (!options.SocketActivation.IsDefined())
            faults.Add($"{BindwiseHostOptions.SectionName}:SocketActivation is not a valid value.");
        if (!options.CommandLines.IsDefined())
            faults.Add($"{BindwiseHostOptions.SectionName}:CommandLines is not a valid value.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

/// <summary>Somebody else in this host takes the sockets that were passed to the process.</summary>
internal sealed class PassedSocketsOwner;

/// <summary>Somebody else in this host reads the section <c>Bindwise</c>, all of it.</summary>
internal sealed class SectionOwner;
