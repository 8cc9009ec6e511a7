namespace Bindwise.Planning.Formats.Compose;

/// <summary>
/// Compose files (compose-spec): the published ports of a project's services, with override files, includes, extends, profiles and
/// variables. What the engine binds on the host counts; ports inside of containers never meet.
/// </summary>
internal sealed class ComposeReader(PlanContext context)
{
    public const string Format = "compose";
    private const int MostDepth = 8;
    private const int MostServices = 2000;
    private const int MostFiles = 200;

    private static readonly HashSet<string> TopKeys = ["version", "name", "services", "networks", "volumes", "configs", "secrets",
        "include", "models"];

    private static readonly HashSet<string> ServiceKeys =
    [
        .. ("annotations attach build blkio_config cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count "
            + "cpu_percent cpu_shares cpu_quota cpu_period cpu_rt_period cpu_rt_runtime cpus cpuset credential_spec depends_on deploy "
            + "develop device_cgroup_rules devices dns dns_opt dns_search domainname driver_opts entrypoint env_file environment expose "
            + "extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links "
            + "logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable "
            + "oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after "
            + "read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls "
            + "tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir").Split(' '),
    ];

    private readonly Dictionary<string, ComposeService> _services = new(StringComparer.Ordinal);
    private readonly HashSet<string> _included = new(StringComparer.Ordinal);
    private int _files;

    private sealed record Project(string File, string Folder, ImmutableArray<ComposeService> Services, ImmutableHashSet<string> Included)
    {
        public SeparateRemarks Remarks { get; init; } = SeparateRemarks.Nothing;
        public ImmutableArray<string> Enabled { get; init; } = [];

        /// <summary>Those that include one another are no parts: compose refuses them.</summary>
        public bool IsPartOf(Project other) => other.Included.Contains(File) && !Included.Contains(other.File);
    }

    /// <param name="projects">The files of each, in the order in which they are merged; not empty.</param>
    public void Read(IEnumerable<ImmutableArray<string>> projects)
    {
        var read = projects.Select(files =>
        {
            var remarks = context.ReadApart(() => ReadProject(files), out var project);
            return project with { Remarks = remarks };
        }).ToList();
        // What another one includes runs as a part of that, with its variables: what is told of it by itself is nobody's matter.
        foreach (var project in read.Where(project => !read.Exists(project.IsPartOf)))
        {
            context.AddRemarks(project.Remarks);
            foreach (var service in project.Services)
                Add(service, project);
        }
    }

    /// <summary>The files that a folder's .env names for it, in the order in which they are merged; none where it names none.</summary>
    public static ImmutableArray<string> FilesOf(PlanContext context, string folder)
    {
        var env = PlanPath.Combine(folder, ".env");
        if (DotEnv.Find(context, env, "COMPOSE_FILE") is not var (value, at) || value.Contains('$', StringComparison.Ordinal))
            return [];
        var separator = DotEnv.Find(context, env, "COMPOSE_PATH_SEPARATOR")?.Value is { Length: > 0 } own ? own : ":";
        var files = ImmutableArray.CreateBuilder<string>();
        foreach (var name in value.Split(separator, MostFiles, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var file = PlanPath.Combine(folder, name);
            if (context.IsMissing(file))
                context.Miss("missing-file", $"COMPOSE_FILE names {name}, which was not found", at);
            else if (context.Read(file, null) is not null && !files.Contains(file))
                files.Add(file);
        }
        return files.DrainToImmutable();
    }

    private Project ReadProject(ImmutableArray<string> files)
    {
        _services.Clear();
        _included.Clear();
        _files = 0;
        var folder = PlanPath.FolderOf(files[0]);
        context.ComposeFolders.Add(folder);
        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        DotEnv.AddTo(values, context, PlanPath.Combine(folder, ".env"), ComposeInterpolation.Empty);
        var variables = new ComposeInterpolation(values);
        foreach (var file in files)
            ReadFile(file, folder, variables, 0);
        return new Project(files[0], folder, [.. _services.Values], [.. _included])
        {
            Enabled = [.. (values.GetValueOrDefault("COMPOSE_PROFILES").Text ?? "")
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
        };
    }

    private void ReadFile(string file, string folder, ComposeInterpolation variables, int depth)
    {
        // compose takes the documents of a file as it takes several files.
        var documents = context.ReadYaml(file, Format, areKeysUnique: true);
        foreach (var root in documents.Where(root => documents.Length == 1 || root is not ScalarNode { IsNull: true }))
            ReadDocument(root, file, folder, variables, depth);
    }

    private void ReadDocument(DocumentNode root, string file, string folder, ComposeInterpolation variables, int depth)
    {
        if (root is not MapNode)
        {
            context.Miss("not-understood", "this is not a compose file: a map with services is missing", new PlanLocation(file, root.Line));
            return;
        }
        context.WarnOfUnknownKeys(file, root, TopKeys, "a compose file");
        foreach (var include in root["include"]?.Items ?? [])
        {
            if (!Include(include, file, folder, variables, depth))
                break;
        }
        var ports = new ComposePorts(context, file, variables);
        if (ComposeService.IsReplaced(root["services"]))
            _services.Clear();
        foreach (var entry in root["services"]?.Entries ?? [])
        {
            var at = new PlanLocation(file, entry.Line, entry.Column);
            if (_services.Count >= MostServices)
            {
                context.Miss("too-many-ports", $"a project has more than {MostServices} services; those from here on are left out", at);
                return;
            }
            if (ComposeService.IsReplaced(entry.Value))
                _services.Remove(entry.Key);
            if (entry.Value is not MapNode)
            {
                if (entry.Value.Tag != YamlTree.Reset)
                    context.Warn("not-understood", $"service {entry.Key} is not a map", at);
                continue;
            }
            context.WarnOfUnknownKeys(file, entry.Value, ServiceKeys, "a service");
            var service = ComposeService.Read(entry.Key, entry.Value, at, folder, ports, variables);
            service = Extended(service, entry.Value, file, folder, variables, depth);
            _services[entry.Key] = _services.TryGetValue(entry.Key, out var before) ? before.With(service, entry.Value) : service;
        }
    }

    /// <summary>Reads what is included; false where no more is read.</summary>
    private bool Include(DocumentNode include, string file, string folder, ComposeInterpolation variables, int depth)
    {
        string Path(string text) => PlanPath.Combine(folder, variables.Replace(text, []));
        static IEnumerable<string> Each(DocumentNode? node) =>
            (node is ListNode list ? list.Values.Select(static item => item.Text) : [node?.Text]).OfType<string>();
        var paths = Each(include["path"] ?? include).ToList();
        if (paths.Count == 0)
            return true;
        // Relative paths and variables are those of the first one's folder; what the project sets goes before.
        var own = include["project_directory"]?.Text is { } directory ? Path(directory) : PlanPath.FolderOf(Path(paths[0]));
        context.ComposeFolders.Add(own);
        var env = PlanPath.Combine(own, ".env");
        var files = include["env_file"] is { } given ? Each(given).Select(Path)
            : env.StartsWith("../", StringComparison.Ordinal) ? [] : [env];
        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        foreach (var one in files)
            DotEnv.AddTo(values, context, one, variables);
        foreach (var path in paths)
        {
            var target = Path(path);
            if (depth >= MostDepth || ++_files > MostFiles)
            {
                context.Miss("not-understood", $"includes are nested more than {MostDepth} deep, or more than {MostFiles}",
                    new PlanLocation(file, include.Line));
                return false;
            }
            if (context.IsMissing(target))
                context.Miss("missing-file", $"{path} is included and was not found", new PlanLocation(file, include.Line));
            else
            {
                _included.Add(target);
                ReadFile(target, own, variables.Over(values), depth + 1);
            }
        }
        return true;
    }

    /// <summary>The service on top of the one that it extends, in this file or another one.</summary>
    private ComposeService Extended(ComposeService service, DocumentNode node, string file, string folder, ComposeInterpolation variables,
        int depth)
    {
        if (node["extends"] is not { } extends)
            return service;
        if (depth >= MostDepth)
        {
            context.Miss("not-understood", $"extends are nested more than {MostDepth} deep: compose refuses a service that extends itself",
                new PlanLocation(file, extends.Line));
            return service;
        }
        var name = extends.Text ?? extends["service"]?.Text;
        var from = extends["file"]?.Text is { } other ? PlanPath.Combine(folder, variables.Replace(other, [])) : file;
        var entries = name is null ? [] : context.ReadYaml(from, Format, areKeysUnique: true)
            .Select(root => (root["services"] as MapNode)?.FindEntry(name)).ToList();
        if (name is null || entries.FindLast(static entry => entry?.Value is MapNode) is not { Value: MapNode parent } found)
        {
            if (!context.IsFaulty(from))
                context.Miss("missing-file", $"service {service.Name} extends {name ?? "a service"}, which was not found",
                    new PlanLocation(file, extends.Line));
            return service;
        }
        var at = new PlanLocation(from, found.Line, found.Column);
        var below = ComposeService.Read(name, parent, at, PlanPath.FolderOf(from), new ComposePorts(context, from, variables), variables);
        below = Extended(below, parent, from, PlanPath.FolderOf(from), variables, depth + 1);
        return (below with { Name = service.Name, Location = service.Location }).With(service, node);
    }

    private void Add(ComposeService service, Project project)
    {
        context.Profiles.UnionWith(service.Profiles);
        var inContainer = service.BuildFolders.Where(built => built != project.Folder).Concat(service.Mounts);
        context.InContainers.UnionWith(inContainer);
        if (service.Replicas == 0)
        {
            context.Warn("no-replicas", $"service {service.Name} has 0 replicas: compose starts no container of it", service.Location,
                PlanLevel.Note);
            return;
        }
        if (service.NetworkMode == "host")
        {
            context.Warn("host-network",
                $"service {service.Name} uses the host's network (network_mode: host): which ports its program binds is not in the file",
                service.Location, PlanLevel.Note);
            return;
        }
        // The others' network: their ports are published there.
        if (service.NetworkMode is { } mode && (mode == "none" || mode.StartsWith("service:", StringComparison.Ordinal)
            || mode.StartsWith("container:", StringComparison.Ordinal)))
            return;
        // The program of a folder that it is built from, or that it mounts, is the one in the container.
        PlanAlternative[] programs =
        [
            .. service.BuildFolders.Select(built => PlanAlternative.OfProgram(built, project.File))
                .Concat(service.Mounts.Select(mount => PlanAlternative.OfFiles(mount, project.File))).Take(PlanContext.MostAlternatives),
        ];
        foreach (var port in service.Ports)
        {
            context.Add(new PlannedPort
            {
                Format = Format,
                Location = port.Location,
                Name = "service " + service.Name,
                Text = port.Text,
                Binds = ComposePorts.BindsOf(port),
                Count = port.Last - port.First + 1,
                Certainty = port.IsOneOf ? PlanCertainty.Preferred : PlanCertainty.Stated,
                Profiles = service.Profiles,
                EnabledProfiles = project.Enabled,
                Alternatives =
                [
                    new PlanAlternative($"compose {PlanPath.ProjectOf(project.Folder)}", project.File),
                    // Two projects that include or extend one file have its line in common, which stands against itself in neither.
                    new PlanAlternative($"line {port.Location}", project.File),
                    .. programs,
                ],
                IsPrivilegedProgram = true,
            });
            if (service.Replicas > (port.IsOneOf ? port.Last - port.First + 1 : 1))
                context.Warn("replicas",
                    $"service {service.Name} has {service.Replicas} replicas and publishes {port.Text}: only "
                        + $"{(port.IsOneOf ? port.Last - port.First + 1 : 1)} can have it on one host", port.Location);
        }
    }
}
