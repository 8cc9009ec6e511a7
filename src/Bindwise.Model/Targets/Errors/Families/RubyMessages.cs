namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Ruby: <c>Address already in use - bind(2) for "127.0.0.1" port 8080 (Errno::EADDRINUSE)</c>, old <c>for 127.0.0.1:9090</c>.</summary>
internal static class RubyMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("bind(2) for ", RuntimeProfiles.Ruby),
    ];
}
