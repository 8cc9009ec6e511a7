using System.Runtime.CompilerServices;

namespace Bindwise.AspNetCore;

internal sealed record PlannedStart(ImmutableArray<AskedEndpoint> Endpoints, ImmutableArray<string> Urls);

/// <summary>Finds out what Kestrel would listen on, by Kestrel's own order of precedence among URLs, code and configuration.</summary>
internal sealed class EndpointPlan(
    IOptions<KestrelServerOptions> kestrel, IOptions<BindwiseOptions> options, ActivatedSocketPool activated, ConfiguredLocalhost localhost,
    ILoggerFactory loggers)
{
    /// <summary>Where nothing at all is configured (Kestrel's Constants.DefaultServerAddress).</summary>
    public const string DefaultUrl = "http://localhost:5000";

    private readonly ILogger _logger = loggers.CreateLogger(BindLogEvents.Category);

    public PlannedStart Make(IReadOnlyList<string> asked, bool prefersUrls)
    {
        ImmutableArray<string> urls = [.. asked];
        if (!urls.IsEmpty && prefersUrls)
            return OfUrls(urls);
        if (kestrel.Value.ConfigurationLoader is { } loader)
        {
            localhost.ChoosePorts(loader.Configuration);
            loader.Load();
        }
        if (KestrelEndpoints.Read(kestrel.Value) is not { } listening)
        {
            StartLog.EndpointsHidden(_logger);
            return new PlannedStart([], urls);
        }
        return listening.Count == 0 ? OfUrls(urls.IsEmpty ? [DefaultUrl] : urls) : new PlannedStart(OfCode(listening), urls);
    }

    private PlannedStart OfUrls(ImmutableArray<string> urls)
    {
        if (options.Value.SocketActivation == SocketActivationMode.InsteadOfUrls && !activated.Take().IsEmpty)
            urls = Instead(urls);
        return new PlannedStart([.. urls.Select(AskedEndpoint.OfUrl).OfType<AskedEndpoint>()], urls);
    }

    /// <summary>The URLs that a passed socket serves, and one for each other passed socket.</summary>
    private ImmutableArray<string> Instead(ImmutableArray<string> urls)
    {
        var left = activated.Waiting.ToList();
        var kept = ImmutableArray.CreateBuilder<string>();
        foreach (var url in urls)
        {
            if (AskedEndpoint.OfUrl(url) is { } asked && activated.Find(left, asked) is [var first, ..] passed)
            {
                left.RemoveAll(passed.Contains);
                // Of localhost the address that was passed, where it was one: nothing else is to be listened on.
                kept.Add(asked.Kind == EndpointKind.Localhost && passed.Length == 1 ? asked.NameAt(first.LocalEndPoint) : url);
            }
            else
                StartLog.UrlSuperseded(_logger, url);
        }
        kept.AddRange(left.Select(
            static passed => passed.LocalEndPoint is IPEndPoint ip ? $"http://{ip}" : $"http://unix:{passed.LocalEndPoint}"));
        return kept.ToImmutable();
    }

    private ImmutableArray<AskedEndpoint> OfCode(IReadOnlyList<ListenOptions> listening)
    {
        var asked = listening.Select(AskedEndpoint.Of).OfType<AskedEndpoint>().ToList();
        if (activated.Take().IsEmpty)
            return [.. asked];
        foreach (var handle in listening.Select(static one => one.EndPoint).OfType<FileHandleEndPoint>())
            activated.Claim(handle.FileHandle);
        if (options.Value.SocketActivation != SocketActivationMode.InsteadOfUrls)
            return [.. asked];
        var left = activated.Waiting.ToList();
        foreach (var one in asked)
            left.RemoveAll(activated.Find(left, one).Contains);
        foreach (var passed in left)
            kestrel.Value.Listen(passed.LocalEndPoint, one => asked.Add(AskedEndpoint.Of(one)!));
        return [.. asked];
    }
}

/// <summary>
/// The endpoints that Kestrel was given in code and by <c>Kestrel:Endpoints</c>. Kestrel shows them to nobody, and tells its transport of
/// one address at a time: only with the whole list can both addresses of localhost get one port, and all endpoints be bound or none.
/// </summary>
internal static class KestrelEndpoints
{
    /// <summary>The list; null where this Kestrel has it no longer: then each address is bound when Kestrel asks for it.</summary>
    public static IReadOnlyList<ListenOptions>? Read(KestrelServerOptions options)
    {
        try
        {
            return GetListenOptions(options);
        }
        catch (MissingMethodException)
        {
            return null;
        }
    }

    /// <summary>Whether Kestrel refuses port 0 for localhost by it, which has no type: it is refused here as well, to compare.</summary>
    public static bool RefusesLocalhostZero(InvalidOperationException exception)
    {
        try
        {
            new KestrelServerOptions().ListenLocalhost(0);
            return false;
        }
        catch (InvalidOperationException own)
        {
            return own.Message == exception.Message;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(GetListenOptions))]
    private static extern ListenOptions[] GetListenOptions(KestrelServerOptions options);
}
