using Bindwise.Linux.Accounts;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.StartedFrom;

namespace Bindwise.Linux.Tests.Processes.StartedFrom;

/// <summary>Project folders of real processes, and the names that supervisors give them.</summary>
public sealed class OriginReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-o-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [PythonTheory]
    [InlineData("package.json", "shop/src/api", "shop")]
    [InlineData("Shop.csproj", "shop", "shop")]
    [InlineData("go.mod", "shop/cmd/server", "shop")]
    [InlineData(".git", "shop/a/b/c/d", "shop")]
    public void Project_IsTheNearestFolderWithItsMarker(string marker, string start, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_folder, start));
        File.WriteAllText(Path.Combine(_folder, expected, marker), "");
        Assert.Equal(Path.Combine(_folder, expected), ProjectOf(Path.Combine(_folder, start)));
        File.WriteAllText(Path.Combine(_folder, start, "Cargo.toml"), "");
        Assert.Equal(Path.Combine(_folder, start), ProjectOf(Path.Combine(_folder, start)));
    }

    [PythonFact]
    public void Project_ThatIsNotThere_IsNull()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "package.json.bak"));
        File.WriteAllText(Path.Combine(_folder, ".csproj"), "");
        // The folder for temporary files may itself lie in somebody's project.
        Assert.NotEqual(_folder, ProjectOf(_folder));
        Assert.Null(ProjectOf("/"));
        Assert.Null(ProjectOf("/proc"));
    }

    [PythonFact]
    public void Project_OfAContainer_IsNotLookedForHere()
    {
        File.WriteAllText(Path.Combine(_folder, "go.mod"), "");
        using var python = PythonProcess.Start("os.chdir(sys.argv[1]); say('ready'); wait_for_end()", _folder);
        var process = new ProcessReader(new UserNames().Find).Read(python.Id)!;
        Assert.Equal(_folder, new ProjectFolders("").Of(process));
        Assert.Null(new ProjectFolders("").Of(process with { Container = "web" }));
        Assert.Null(new ProjectFolders("").Of(process with { WorkingDirectory = "/usr" }));
    }

    [PythonTheory]
    [InlineData("supervisord", "shop:web_00", null)]
    [InlineData("PM2 v5.3.0: God", "shop api", 17)]
    [InlineData("systemd", null, null)]
    public void Supervised_IsToldByTheVariableOfTheSupervisorOnly(string parent, string? expected, int? restarts)
    {
        using var python = PythonProcess.Start("""
            os.execve(sys.executable, [sys.executable, '-c', 'import sys; print("ready", flush=True); sys.stdin.read()'],
                {'SUPERVISOR_PROCESS_NAME': 'web_00', 'SUPERVISOR_GROUP_NAME': 'shop', 'name': 'shop api', 'restart_time': '17', 'DB_PASSWORD': 'x'})
            """);
        var process = new ProcessReader(new UserNames().Find).Read(python.Id)! with { ParentId = 7 };
        var between = new ProcessRecord { Id = 7, ParentId = 8, Name = "sh" };
        var told = Supervision.Complete("", process, new[] { process, between, new ProcessRecord { Id = 8, Name = parent } }.ToDictionary(static one => one.Id));
        Assert.Equal((expected, restarts), (told.SupervisedAs, told.Restarts));
        Assert.Equal(parent == "supervisord", told.IsWithoutSupervisorControl);
    }

    // Its workers tell, in one variable; those of other apps have ports of their own.
    [PythonTheory]
    [InlineData("web", "web", "web")]
    [InlineData("web", "api", null)]
    public void Pm2Itself_IsNamedByTheOnlyAppOfItsWorkers(string first, string second, string? expected)
    {
        using var python = PythonProcess.Start("""
            import json, subprocess
            def start(variables):
                child = subprocess.Popen([sys.executable, '-c', 'import sys; print("ready", flush=True); sys.stdin.read()'], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                child.stdout.readline()
                return child
            cluster = lambda name: {'pm2_env': json.dumps({'env': {'name': 'x' * 100}, 'pm_id': 0, 'name': name})}
            children = [start(cluster(sys.argv[1])), start(cluster(sys.argv[2])), start({'name': 'other'}), start({'pm2_env': '{]'})]
            say('ready')
            wait_for_end()
            for child in children: child.stdin.close()
            """, first, second);
        var process = new ProcessReader(new UserNames().Find).Read(python.Id)! with { Name = "PM2 v7.0.4: God" };
        var told = Supervision.Complete("", process, new Dictionary<int, ProcessRecord>());
        Assert.Equal(expected, told.SupervisedAs);
    }

    [PythonFact]
    public void Snapshot_IsCompletedForItsHoldersOnly()
    {
        File.WriteAllText(Path.Combine(_folder, "go.mod"), "");
        using var python = PythonProcess.Start("os.chdir(sys.argv[1]); say('ready'); wait_for_end()", _folder);
        var reader = new ProcessReader(new UserNames().Find);
        var process = reader.Read(python.Id)!;
        var snapshot = new Snapshot { TakenAt = default, Processes = [process, process with { Id = int.MaxValue }], Holders = [new Holder(1, process.Id, 3)] };
        var completed = new ProvenanceReader().Complete(snapshot, 8080, note => Assert.Fail(note));
        Assert.Equal([_folder, null], completed.Processes.Select(p => p.ProjectFolder));
        Assert.Empty(completed.Containers);
        Assert.Empty(completed.SocketUnits);
    }

    private static string? ProjectOf(string folder)
    {
        using var python = PythonProcess.Start("os.chdir(sys.argv[1]); say('ready'); wait_for_end()", folder);
        return new ProjectFolders("").Of(new ProcessReader(new UserNames().Find).Read(python.Id)!);
    }
}
