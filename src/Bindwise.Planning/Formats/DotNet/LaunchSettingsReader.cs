namespace Bindwise.Planning.Formats.DotNet;

/// <summary>
/// launchSettings.json: <c>applicationUrl</c>, ASPNETCORE_URLS and ASPNETCORE_HTTP_PORTS of the profiles that dotnet run starts. Only one
/// profile runs.
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
            if (profile.Value["applicationUrl"] is { } urls)
                AddUrls(file, urls, name, choice);
            var variables = profile.Value["environmentVariables"];
            foreach (var key in (ReadOnlySpan<string>)["ASPNETCORE_URLS", "DOTNET_URLS"])
            {
                if (variables?[key] is { } values && profile.Value["applicationUrl"] is null)
                    AddUrls(file, values, name, choice);
            }
            if (variables?["ASPNETCORE_HTTP_PORTS"] is { Text: { } ports } node && profile.Value["applicationUrl"] is null)
            {
                foreach (var port in ports.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    AddUrl(file, node, $"http://*:{port}", name, choice);
            }
        }
    }

    private void AddUrls(string file, DocumentNode node, string name, PlanAlternative choice)
    {
        foreach (var url in (node.Text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            AddUrl(file, node, url, name, choice);
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
