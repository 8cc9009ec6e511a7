namespace Bindwise.Planning.Formats.DotNet;

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
            if (Array.Find(urls, static node => Parts(node).Length > 0) is { } given)
                Add(given, "");
            else
            {
                Add(variables?["ASPNETCORE_HTTP_PORTS"], "http://*:");
                Add(variables?["ASPNETCORE_HTTPS_PORTS"], "https://*:");
            }

            void Add(DocumentNode? node, string before)
            {
                foreach (var part in Parts(node))
                    AddUrl(file, node!, before + part, name, choice);
            }
        }
    }

    private static string[] Parts(DocumentNode? node) =>
        (node?.Text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

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
