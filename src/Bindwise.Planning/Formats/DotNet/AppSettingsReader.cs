namespace Bindwise.Planning.Formats.DotNet;

/// <summary>
/// appsettings.json and appsettings.ENVIRONMENT.json: <c>Kestrel:Endpoints:NAME:Url</c>, <c>Urls</c>, else <c>HTTP_PORTS</c> and
/// <c>HTTPS_PORTS</c>. An environment's file changes single endpoints, and only one environment runs. Names are compared without case, and
/// may be parted by colons, as configuration has it.
/// </summary>
internal sealed class AppSettingsReader(PlanContext context)
{
    public const string Format = "app-settings";

    private sealed record Endpoint(string Name, string Url, PlanLocation Location);

    public void ReadFolder(string folder, ImmutableArray<string> files)
    {
        var endpoints = new List<(Endpoint Endpoint, string? Environment)>();
        foreach (var file in files)
        {
            if (context.ReadJson(file, Format) is not { } root)
                continue;
            var environment = PlanPath.NameOf(file).Split('.') is [var first, .. { Length: > 0 } middle, var last]
                && Is(first, "appsettings") && Is(last, "json") ? string.Join('.', middle) : null;
            endpoints.AddRange(Endpoints(root, file).Select(one => (one, environment)));
        }
        // Endpoints of Kestrel's own section go before the URLs: those of an environment in that one alone.
        var withSection = endpoints.Where(static one => one.Endpoint.Name.Length > 0).Select(static one => one.Environment).ToHashSet();
        foreach (var (endpoint, environment) in endpoints)
        {
            if (endpoint.Name.Length > 0 || !(withSection.Contains(null) || withSection.Contains(environment)))
                Add(folder, endpoint, environment);
        }
    }

    private void Add(string folder, Endpoint endpoint, string? environment)
    {
        var label = endpoint.Name.Length == 0 ? "Urls" : $"Kestrel endpoint {endpoint.Name}";
        if (KestrelUrl.Binds(endpoint.Url) is not { } binds)
        {
            context.Warn("not-understood", $"{endpoint.Url} of {label} is not a URL: write http://localhost:5000", endpoint.Location);
            return;
        }
        context.Add(new PlannedPort
        {
            Format = Format,
            Location = endpoint.Location,
            Name = environment is null ? label : $"{label} ({environment})",
            Text = endpoint.Url,
            Binds = binds,
            IsForBrowsers = true,
            Alternatives =
            [
                PlanAlternative.OfProgram(folder, "appsettings"),
                new PlanAlternative($"endpoint {folder} {endpoint.Name.ToLowerInvariant()}", endpoint.Location.File),
                // The URLs of all environments hold only where an environment has none of its own, and no endpoints.
                .. environment is null && endpoint.Name.Length > 0 ? ImmutableArray<PlanAlternative>.Empty
                    : [new PlanAlternative("environment " + folder, environment ?? "")],
            ],
        });
    }

    private static IEnumerable<Endpoint> Endpoints(DocumentNode root, string file)
    {
        var values = Values(root, "", 0).ToList();
        // Ports alone count only where no URL is given (GenericWebHostService.StartAsync()).
        var hasUrls = values.Exists(static value => Is(value.Path, "Urls") && KestrelUrl.Parts(value.Node).Length > 0);
        foreach (var (path, node) in values)
        {
            var at = new PlanLocation(file, node.Line, node.Column);
            var keys = path.Split(':');
            if (keys is [var kestrel, var section, var name, var key] && Is(kestrel, "Kestrel") && Is(section, "Endpoints")
                && Is(key, "Url"))
                yield return new Endpoint(name, node.Text ?? "", at);
            else if (Is(path, "Urls"))
            {
                foreach (var url in KestrelUrl.Parts(node))
                    yield return new Endpoint("", url, at);
            }
            else if (!hasUrls && (Is(path, "HTTP_PORTS") || Is(path, "HTTPS_PORTS")))
            {
                foreach (var port in KestrelUrl.Parts(node))
                    yield return new Endpoint("", $"{PlanPath.WithoutEnding(path, "_PORTS").ToLowerInvariant()}://*:{port}", at);
            }
        }
    }

    /// <summary>Scalars by their path, as far down as an endpoint's URL stands.</summary>
    private static IEnumerable<(string Path, DocumentNode Node)> Values(DocumentNode node, string above, int depth)
    {
        foreach (var entry in depth < 4 ? node.Entries : [])
        {
            var path = above.Length == 0 ? entry.Key : $"{above}:{entry.Key}";
            if (entry.Value is ScalarNode { IsNull: false })
                yield return (path, entry.Value);
            else if (path.Length < 200)
            {
                foreach (var below in Values(entry.Value, path, depth + 1))
                    yield return below;
            }
        }
    }

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// A URL as Kestrel binds it (AddressBinder, BindingAddress): localhost is both loopback addresses, an IP address itself, and any other
/// host, as <c>*</c> or <c>+</c>, every address by one dual-stack socket.
/// </summary>
internal static class KestrelUrl
{
    /// <summary>The URLs or ports of a value, with <c>;</c> between them.</summary>
    public static string[] Parts(DocumentNode? node) =>
        (node?.Text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The binds; empty for port 0, which the system chooses; null for what is no URL.</summary>
    public static ImmutableArray<BindRequest>? Binds(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
            return null;
        var isSecure = url[..scheme].Equals("https", StringComparison.OrdinalIgnoreCase);
        if (!isSecure && !url[..scheme].Equals("http", StringComparison.OrdinalIgnoreCase))
            return null;
        var rest = url[(scheme + 3)..];
        if (rest.StartsWith("unix:/", StringComparison.OrdinalIgnoreCase))
            return [Binder.Program.Unix(rest[5..])];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var authority = slash < 0 ? rest : rest[..slash];
        var colon = authority.EndsWith(']') ? -1 : authority.LastIndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];
        var port = colon < 0 ? isSecure ? 443 : 80 : int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) && number <= ushort.MaxValue ? number : -1;
        if (port < 0 || host.Length == 0)
            return null;
        return port == 0 ? [] : Binder.Program.OfHost(Protocol.Tcp, host, port) ?? Binder.Program.DualStack(Protocol.Tcp, port);
    }
}

/// <summary>
/// launchSettings.json: ASPNETCORE_URLS, <c>applicationUrl</c>, ASPNETCORE_HTTP_PORTS and ASPNETCORE_HTTPS_PORTS of the profiles that
/// dotnet run starts. Only one profile runs.
/// </summary>
internal sealed class LaunchSettingsReader(PlanContext context)
{
    public const string Format = "launch-settings";

    public void Read(string file)
    {
        if (context.ReadJson(file, Format) is not { } root)
            return;
        var folder = PlanPath.FolderOf(file);
        var project = PlanPath.NameOf(folder) == "Properties" ? PlanPath.FolderOf(folder) : folder;
        foreach (var profile in root["profiles"]?.Entries ?? [])
        {
            // IIS Express is Windows' own; Docker publishes ports that it chooses.
            if (profile.Value["commandName"]?.Text is not ("Project" or "Executable" or null))
                continue;
            var name = $"launch profile {profile.Key}";
            var choice = PlanAlternative.OfProgram(project, $"{file}#{profile.Key}");
            var variables = profile.Value["environmentVariables"];
            // dotnet run sets ASPNETCORE_URLS to applicationUrl, and after it the profile's variables. Ports count only without any URL.
            DocumentNode?[] urls = [variables?["ASPNETCORE_URLS"], profile.Value["applicationUrl"], variables?["DOTNET_URLS"]];
            if (Array.Find(urls, static node => KestrelUrl.Parts(node).Length > 0) is { } given)
                Add(given, "");
            else
            {
                Add(variables?["ASPNETCORE_HTTP_PORTS"], "http://*:");
                Add(variables?["ASPNETCORE_HTTPS_PORTS"], "https://*:");
            }

            void Add(DocumentNode? node, string before)
            {
                foreach (var part in KestrelUrl.Parts(node))
                    AddUrl(file, node!, before + part, name, choice);
            }
        }
    }

    private void AddUrl(string file, DocumentNode node, string url, string name, PlanAlternative choice)
    {
        var at = new PlanLocation(file, node.Line, node.Column);
        if (KestrelUrl.Binds(url) is not { } binds)
            context.Warn("not-understood", $"{url} of {name} is not a URL: write http://localhost:5000", at);
        else
            context.Add(new PlannedPort
            {
                Format = Format,
                Location = at,
                Name = name,
                Text = url,
                Binds = binds,
                Alternatives = [choice],
                IsForBrowsers = true
            });
    }
}
