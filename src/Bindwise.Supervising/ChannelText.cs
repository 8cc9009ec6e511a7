namespace Bindwise.Supervising;

/// <summary>What passes between the supervisor and the process that becomes the program: one letter, and text.</summary>
internal static class ChannelText
{
    internal const char Ready = '=';
    internal const char Fault = '!';
    internal const char Question = '?';
    private const char Watch = 'w';

    // The names of as many sockets as are passed at once, of at most 255 characters each (sd_listen_fds(3)), fit in it.
    private const int MaximumBytes = DescriptorMessage.MostDescriptors * 256;

    internal static string Of(string? fault) => fault is null ? $"{Ready}" : Fault + fault;

    /// <summary>That a filter is installed, whose listener comes along.</summary>
    internal static string Of(FilterFacts facts) => string.Create(CultureInfo.InvariantCulture, $"{Watch}{(byte)facts}");

    /// <summary>The facts of a filter that the calling process has installed.</summary>
    /// <param name="hadNoNewPrivileges">Whether the process had given up new privileges before.</param>
    internal static FilterFacts FactsOf(bool isKillableOnly, bool hadNoNewPrivileges) =>
        (isKillableOnly ? FilterFacts.WaitsKillably : FilterFacts.None)
            | (!hadNoNewPrivileges && SeccompCall.HasNoNewPrivileges() ? FilterFacts.LostRights : FilterFacts.None);

    /// <summary>What such a message says; null for another.</summary>
    internal static FilterFacts? FilterOf(string text) =>
        text is [Watch, .. var number] && byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var facts)
            ? (FilterFacts)facts : null;

    internal static bool Send(SafeFileDescriptor channel, string text, params ReadOnlySpan<int> descriptors)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return DescriptorMessage.Send(channel, bytes.AsSpan(0, Math.Min(bytes.Length, MaximumBytes)), descriptors) == Errno.None;
    }

    /// <summary>Waits for a message; empty when the other end is gone.</summary>
    internal static string Receive(SafeFileDescriptor channel, out SafeFileDescriptor[] descriptors)
    {
        Span<byte> buffer = stackalloc byte[MaximumBytes];
        return DescriptorMessage.Receive(channel, buffer, out var length, out descriptors, out _) == Errno.None
            ? Encoding.UTF8.GetString(buffer[..length]) : "";
    }
}

/// <summary>What is to be known of a filter that a process has installed.</summary>
[Flags]
internal enum FilterFacts : byte
{
    None = 0,

    /// <summary>Whoever waits for an answer can be killed meanwhile (Linux 5.19).</summary>
    WaitsKillably = 1,

    /// <summary>The process had to give up new privileges for it.</summary>
    LostRights = 2,
}
