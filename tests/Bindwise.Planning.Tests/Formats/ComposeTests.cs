namespace Bindwise.Planning.Tests.Formats;

public sealed class ComposeTests
{
    private static string[] PortsOf(string entry) =>
        Lines.Of(new TestFolder(("compose.yaml", $"services:\n  web:\n    ports:\n      - {entry}\n"), (".env", "PORT=8081\nEMPTY=\nIP=127.0.0.2 # local\n")).Found());

    [Theory]
    [InlineData("\"8080:80\"", "4: service web 8080/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("8080:80", "4: service web 8080/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("127.0.0.1:8080:80/udp", "4: service web 8080/udp 127.0.0.1")]
    [InlineData("0.0.0.0:8080:80", "4: service web 8080/tcp 0.0.0.0")]
    [InlineData("\"[::1]:8080:80\"", "4: service web 8080/tcp ::1")]
    [InlineData("\"::1:8080:80\"", "4: service web 8080/tcp ::1")]
    [InlineData("8000-8010:9000-9010", "4: service web 8000-8010/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("8000-8010:80", "4: service web 8000-8010/tcp 0.0.0.0 ::(v6only) preferred")]
    [InlineData("\"${PORT}:80\"", "4: service web 8081/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"$PORT:80\"", "4: service web 8081/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"${NONE:-8082}:80\"", "4: service web 8082/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"${EMPTY:-8083}:80\"", "4: service web 8083/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"${NONE:-${PORT}}:80\"", "4: service web 8081/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"${PORT:+9000}:80\"", "4: service web 9000/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"${IP}:80:80\"", "4: service web 80/tcp 127.0.0.2")]
    [InlineData("{target: 80, published: \"8080-8081\", host_ip: 127.0.0.1, protocol: udp}", "4: service web 8080-8081/udp 127.0.0.1 preferred")]
    [InlineData("{target: 80, published: 8080, mode: host}", "4: service web 8080/tcp 0.0.0.0 ::(v6only)")]
    public void Port_OfEachForm_IsWhatTheEngineBinds(string entry, string expected) => Assert.Equal([expected], PortsOf(entry));

    [Theory]
    [InlineData("\"80\"")]
    [InlineData("80")]
    [InlineData("\"127.0.0.1::80\"")]
    [InlineData("\"0:80\"")]
    [InlineData("{target: 80}")]
    [InlineData("\"8080:80/sctp\"")]
    public void Port_ThatTheEngineChooses_IsNotPlanned(string entry) => Assert.Empty(PortsOf(entry));

    [Theory]
    [InlineData("\"8080:http\"", "4 not-understood: port 8080:http of service web is not understood: write HOST:CONTAINER, as 8080:80")]
    [InlineData("\"70000:80\"", "4 not-understood: port 70000:80 of service web is out of range (1 to 65535)")]
    [InlineData("\"8080-8081:65530-65536\"", "4 not-understood: port 8080-8081:65530-65536 of service web is out of range (1 to 65535)")]
    [InlineData("\"localhost:80:80\"", "4 not-understood: port localhost:80:80 of service web is not understood: write HOST:CONTAINER, as 8080:80")]
    [InlineData("\"8000-8002:9000-9001\"", "4 not-understood: the ranges of port 8000-8002:9000-9001 of service web differ in length")]
    [InlineData("\"${NONE}:80\"", "4 unset-variable: NONE of service web is not set in .env and has no default")]
    [InlineData("{target: 80, publish: 8080}", "4 unknown-key: publish is not a key of a port")]
    public void Port_NotUnderstood_IsToldWithItsLine(string entry, string remark) =>
        Assert.Equal([remark], Lines.Remarks(new TestFolder(("compose.yaml", $"services:\n  web:\n    ports:\n      - {entry}\n")).Found()));

    // By portIndexer() of compose-go: no host is 0.0.0.0, a range is so many ports, and the last of equal ones counts.
    [Theory]
    [InlineData("[\"9000-9002:9000-9002\", \"9001:9001\"]", "9000/tcp 0.0.0.0 ::(v6only)", "9001/tcp 0.0.0.0 ::(v6only)", "9002/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("[\"9001:9001\", \"0.0.0.0:9001:9001\"]", "9001/tcp 0.0.0.0")]
    [InlineData("[\"9000-9002:9000-9002\", \"9001-9003:9001-9003\"]", "9000/tcp 0.0.0.0 ::(v6only)", "9001-9003/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("[\"9001:9001\", \"9001:9002\"]", "9001/tcp 0.0.0.0 ::(v6only)", "9001/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("[\"9000-9002:80\", \"9001:80\"]", "9000-9002/tcp 0.0.0.0 ::(v6only) preferred", "9001/tcp 0.0.0.0 ::(v6only)")]
    public void Ports_ThatAreTheSame_AreTakenOnce(string ports, params string[] expected) => Assert.Equal(expected.Select(static line => "3: service web " + line),
        Lines.Of(new TestFolder(("compose.yaml", $"services:\n  web:\n    ports: {ports}\n")).Found()));

    [Fact]
    public void Documents_OfOneFile_AreMerged()
    {
        var plan = new TestFolder(("compose.yaml", "services:\n  a:\n    ports: [\"8080:80\"]\n---\nservices:\n  b:\n    ports: [\"8080:80\"]\n---\n")).Plan();
        Assert.Equal(["8080/tcp BW004 compose.yaml:3 compose.yaml:7"], Lines.Conflicts(plan));
        Assert.Empty(plan.Remarks);
    }

    [Fact]
    public void Services_ThatExtendThemselves_AreTold() => Assert.Contains(
        Lines.Remarks(new TestFolder(("compose.yaml", "services:\n  b:\n    extends: c\n  c:\n    extends: b\n    ports: [\"1234:1\"]\n")).Found()),
        static line => line.Contains("compose refuses a service that extends itself", StringComparison.Ordinal));

    [Fact]
    public void Env_ValueInQuotes_MayHaveSeveralLines() => Assert.Equal(["4: service web 8080/tcp 0.0.0.0 ::(v6only)"], Lines.Of(new TestFolder(
        ("compose.yaml", "services:\n  web:\n    ports:\n      - ${P}:80\n"), (".env", "P=8080\nKEY=\"a\nP=9090\nb\" # end\nOTHER='\n")).Found()));

    [Theory]
    [InlineData("8080:80")]
    [InlineData("{8080: 80}")]
    public void Ports_ThatAreNoList_AreTold(string ports) => Assert.Equal(["3 not-understood: ports of service web is not a list: write - 8080:80"],
        Lines.Remarks(new TestFolder(("compose.yaml", $"services:\n  web:\n    ports: {ports}\n")).Found()));

    [Fact]
    public void UnknownKeys_AreToldOnceEach_AndExtensionsAreNot()
    {
        var input = new TestFolder(("compose.yaml", "x-a: 1\nservces: {}\nservices:\n  web:\n    x-b: 2\n    prots: []\n")).Found();
        Assert.Equal(["2 unknown-key: servces is not a key of a compose file", "6 unknown-key: prots is not a key of a service"], Lines.Remarks(input));
    }

    [Fact]
    public void Override_AddsPorts_AndTagsReplaceThem()
    {
        var folder = new TestFolder(
            ("compose.yaml", "services:\n  web:\n    ports: ['8080:80']\n  api:\n    ports: ['9090:80']\n  db:\n    ports: ['5432:5432']\n"),
            ("compose.override.yaml", "services:\n  web:\n    ports: ['8080:80', '8443:443']\n  api:\n    ports: !override ['9091:80']\n  db:\n    ports: !reset []\n"));
        Assert.Equal(["8080/tcp", "8443/tcp", "9091/tcp"], folder.Found().Ports.Select(static port => port.Target));
    }

    // COMPOSE_FILE in .env stands for -f, and the override file counts no more.
    [Theory]
    [InlineData("COMPOSE_FILE=base.yml:compose.prod.yaml", "1/tcp,3/tcp")]
    [InlineData("COMPOSE_FILE=\"compose.prod.yaml;base.yml\"\nCOMPOSE_PATH_SEPARATOR=;", "3/tcp,1/tcp")]
    [InlineData("COMPOSE_FILE=none.yaml:sub/compose.yaml", "5/tcp")]
    [InlineData("COMPOSE_FILE=none.yaml", "2/tcp,4/tcp")]
    [InlineData("OTHER=base.yml", "2/tcp,4/tcp")]
    public void Files_ThatTheEnvironmentFileNames_AreTheProject(string env, string ports)
    {
        static string Service(int port) => $"services:\n  s{port}:\n    ports: ['{port}:80']\n";
        var folder = new TestFolder((".env", env + "\n"), ("base.yml", Service(1)), ("compose.yaml", Service(2)), ("compose.prod.yaml", Service(3)),
            ("compose.override.yaml", Service(4)), ("sub/compose.yaml", Service(5)));
        var first = PlanReader.Read([.. ((string[])["compose.yaml", "compose.prod.yaml", "compose.override.yaml", "sub/compose.yaml"]).Select(static path => new PlanFile(path))], folder);
        var project = first.Ports[0].Alternatives[0];
        Assert.Equal(ports, string.Join(',', first.Ports.Where(port => port.Alternatives[0] == project).Select(static port => port.Target)));
        Assert.Equal(env.Contains("none", StringComparison.Ordinal) ? ["1 missing-file: COMPOSE_FILE names none.yaml, which was not found"] : [], Lines.Remarks(first));
        Assert.Equal(first.Ports.Length, first.Ports.Select(static port => port.Target).Distinct().Count());
    }

    // compose-go: what stands behind !reset is ignored, and what it is said of is as if no file had said it.
    [Theory]
    [InlineData("services:\n  web: !reset null\n", "service db 5432/tcp")]
    [InlineData("services:\n  web: !override\n    ports: ['81:80']\n", "service web 81/tcp", "service db 5432/tcp")]
    [InlineData("services:\n  web:\n    ports: !reset ['82:80']\n", "service db 5432/tcp")]
    [InlineData("services:\n  web:\n    ports: !override ['81:80']\n", "service web 81/tcp", "service db 5432/tcp")]
    [InlineData("services: !override\n  web:\n    ports: ['81:80']\n", "service web 81/tcp")]
    [InlineData("services: !reset {}\n")]
    [InlineData("services:\n  host:\n    network_mode: !reset null\n    profiles: !reset []\n", "service web 80/tcp", "service db 5432/tcp", "service host 83/tcp")]
    public void Override_Tags_HoldAtEachLevel(string text, params string[] expected)
    {
        var input = new TestFolder(("compose.override.yaml", text),
            ("compose.yaml", "services:\n  web:\n    ports: ['80:80']\n  db:\n    ports: ['5432:5432']\n  host:\n    network_mode: none\n    profiles: [x]\n    ports: ['83:83']\n")).Found();
        Assert.Equal(expected.Order(), input.Ports.Select(static port => $"{port.Name} {port.Target}").Order());
        Assert.Empty(input.Remarks);
        Assert.All(input.Ports, static port => Assert.Empty(port.Profiles));
    }

    [Theory]
    [InlineData("include: [infra/compose.yaml]")]
    [InlineData("include: [{path: infra/compose.yaml}]")]
    [InlineData("include: [{path: [./infra/compose.yaml, infra/more.yaml]}]")]
    [InlineData("include: [all.yaml]")]
    public void IncludedFile_IsNoProjectOfItsOwn(string include)
    {
        static TestFolder With(string text) => new(
            ("compose.yaml", text), ("all.yaml", "include: [infra/compose.yaml]\n"), ("infra/more.yaml", "services: {}\n"),
            ("infra/compose.yaml", "services:\n  db:\n    ports: ['2222:5432']\n"));
        var plan = With(include + "\nservices:\n  web:\n    ports: ['8080:80']\n").Plan();
        Assert.Empty(plan.Conflicts);
        Assert.Equal(["8080/tcp", "2222/tcp"], plan.Ports.Select(static port => port.Target));
        Assert.Equal(["2222/tcp BW004 compose.yaml:4 infra/compose.yaml:3"], Lines.Conflicts(With(include + "\nservices:\n  web:\n    ports: ['2222:80']\n").Plan()));
    }

    [Fact]
    public void ProjectsThatIncludeOneAnother_AreStillRead() => Assert.Equal(2, new TestFolder(
        ("a/compose.yaml", "include: [../b/compose.yaml]\n"), ("b/compose.yaml", "include: [../a/compose.yaml]\nservices:\n  b:\n    ports: ['1:1']\n")).Found().Ports.Length);

    [Fact]
    public void LineOfTwoProjects_DoesNotMeetItself_AndMeetsOthersOnce()
    {
        const string including = "include: [../infra/db.yaml]\nservices:\n  web:\n    extends: {file: ../infra/base.yaml, service: base}\n";
        var folder = new TestFolder(("a/compose.yaml", including), ("b/compose.yaml", including),
            ("infra/db.yaml", "services:\n  db:\n    ports: ['3000:3000']\n"), ("infra/base.yaml", "services:\n  base:\n    ports: ['3001:3001']\n"));
        Assert.Empty(folder.Plan().Conflicts);
        var other = new TestFolder(("a/compose.yaml", "include: [../infra/db.yaml]\n"), ("b/compose.yaml", "include: [../infra/db.yaml]\n"),
            ("infra/db.yaml", "services:\n  db:\n    ports: ['3000:3000']\n"), (".env", "PORT=3000\n"));
        Assert.Equal(["3000/tcp BW004 .env:1 infra/db.yaml:3"], Lines.Conflicts(other.Plan()));
    }

    // One project starts both.
    [Theory]
    [InlineData("services:\n  a: &a\n    ports: ['80:80']\n  b: *a\n")]
    [InlineData("services:\n  a:\n    ports: ['80:80']\n  b:\n    extends: a\n")]
    public void LineOfTwoServices_OfOneProject_Collides(string text) =>
        Assert.Equal(["80/tcp BW004 compose.yaml:3 compose.yaml:3"], Lines.Conflicts(new TestFolder(("compose.yaml", text)).Plan()));

    [Fact]
    public void Include_HasTheVariablesOfItsFolder_BelowThoseOfTheProject()
    {
        var input = new TestFolder(
            ("compose.yaml", "include:\n  - infra/db.yaml\n  - {path: infra/cache.yaml, env_file: other.env, project_directory: .}\n"),
            (".env", "SET=1\n"), ("infra/.env", "SET=2\nOWN=3\nPORT=9\n"), ("other.env", "OWN=4\n"),
            ("infra/db.yaml", "services:\n  db:\n    ports: ['${SET}:1', '${OWN}:1']\n"),
            ("infra/cache.yaml", "services:\n  cache:\n    ports: ['${OWN}:1']\n    extends: {file: base.yaml, service: x}\n"),
            ("base.yaml", "services:\n  x:\n    ports: ['5:5']\n")).Found();
        Assert.Equal(["1/tcp", "3/tcp", "5/tcp", "4/tcp"], input.Ports.Select(static port => port.Target));
        Assert.Empty(input.Remarks);
    }

    // compose-go's dotenv: earlier lines count, unless single quotes keep the value as it is; the last file that names it wins.
    [Theory]
    [InlineData("BASE=8001\nWEB=${BASE}", "8001/tcp", null)]
    [InlineData("BASE=8001\nWEB=\"${BASE}\" # x", "8001/tcp", null)]
    [InlineData("WEB=${BASE:-8001}", "8001/tcp", null)]
    [InlineData("WEB: 8001", "8001/tcp", null)]
    [InlineData("WEB: ${BASE-8001}\nBASE=1", "8001/tcp", null)]
    [InlineData("WEB='${BASE}'", null, "3 not-understood: port ${BASE}:1 of service a is not understood: write HOST:CONTAINER, as 8080:80")]
    [InlineData("MID=$BASE\nWEB=${MID}\nBASE=1", null, "3 unset-variable: BASE of service a is not set in .env and has no default")]
    public void Env_ThatRefersToItsOwnValues_IsResolved(string env, string? port, string? remark)
    {
        var input = new TestFolder(("compose.yaml", "services:\n  a:\n    ports: ['${WEB}:1']\n"), (".env", env + "\n")).Found();
        Assert.Equal(port is null ? [] : [port], input.Ports.Select(static one => one.Target));
        Assert.Equal(remark is null ? [] : [remark], Lines.Remarks(input));
    }

    [Fact]
    public void Include_WithSeveralEnvironmentFiles_HasTheLastValue() => Assert.Equal(["2/tcp"], new TestFolder(
        ("compose.yaml", "include: [{path: sub/compose.yaml, env_file: [a.env, b.env]}]\n"), ("a.env", "OP=1\n"), ("b.env", "OP=2\n"),
        ("sub/compose.yaml", "services:\n  o:\n    ports: ['${OP}:1']\n")).Found().Ports.Select(static port => port.Target));

    // By itself it lacks the variables that the include brings.
    [Fact]
    public void Include_ThatIsFoundToo_IsNotToldOfByItself()
    {
        var folder = new TestFolder(("compose.yaml", "include: [{path: other/compose.yaml, env_file: other/o.env}]\n"), ("other/o.env", "OP=7004\n"),
            ("other/compose.yaml", "servces: {}\nservices:\n  o:\n    ports: ['${OP}:1']\n"));
        Assert.Equal(["7004/tcp"], folder.Found().Ports.Select(static port => port.Target));
        Assert.Equal(["1 unknown-key: servces is not a key of a compose file"], Lines.Remarks(folder.Found()));
        var broken = new TestFolder(("compose.yaml", "include: [other/compose.yaml]\n"), ("other/compose.yaml", "services:\n  a: [\n")).Found();
        Assert.True(broken.IsPart);
        Assert.Equal("unreadable", Assert.Single(broken.Remarks).Id);
    }

    [Theory]
    [InlineData("scale: 0")]
    [InlineData("deploy: {replicas: 0}")]
    public void Service_WithoutReplicas_TakesNoPort(string key)
    {
        var text = $"services:\n  a:\n    ports: ['80:80']\n    {key}\n  b:\n    ports: ['80:80']\n";
        var plan = new TestFolder(("compose.yaml", text)).Plan();
        Assert.Empty(plan.Conflicts);
        Assert.Equal("service a has 0 replicas: compose starts no container of it", Assert.Single(plan.Remarks, static one => one.Id == "no-replicas").Text);
        Assert.Single(new TestFolder(("compose.yaml", text), ("compose.override.yaml", "services:\n  a:\n    scale: 1\n")).Plan().Conflicts);
        Assert.Empty(new TestFolder(("compose.yaml", text), ("compose.override.yaml", "services:\n  a:\n    image: x\n")).Plan().Conflicts);
    }

    // Compose refuses the file; nobody may take the one that is left for all there is.
    [Fact]
    public void KeyThatStandsTwice_IsAFault()
    {
        var input = new TestFolder(("compose.yaml", "services:\n  web:\n    ports: ['8080:80']\n  web:\n    ports: ['8081:80']\n  api:\n    ports: ['8080:80']\n")).Found();
        Assert.True(input.IsPart);
        Assert.Equal(["4 unreadable: cannot be read from here on: the key web stands in line 2 already, which docker compose refuses"], Lines.Remarks(input));
        Assert.Single(new TestFolder(("compose.yaml", "x-a: &a {restart: no}\nservices:\n  web:\n    <<: *a\n    restart: always\n    ports: ['80:80']\n")).Found().Ports);
    }

    [Theory]
    [InlineData("build: ./apps/web")]
    [InlineData("build: {context: ., dockerfile: apps/web/Dockerfile}")]
    [InlineData("volumes: ['./apps/web:/app']")]
    [InlineData("volumes: [{type: bind, source: ./apps/web, target: /app}]")]
    public void Program_ThatAServiceRunsInItsContainer_DoesNotMeetIt(string service) => Assert.Empty(new TestFolder(
        ("compose.yaml", $"services:\n  web:\n    {service}\n    ports: ['3000:3000']\n"),
        ("apps/web/package.json", "{\"scripts\": {\"dev\": \"next dev -p 3000\"}}")).Plan().Conflicts);

    [Fact]
    public void EqualPortsOfOneService_AreOne_HoweverTheyAreWritten() =>
        Assert.Single(new TestFolder(("compose.yaml", "services:\n  web:\n    ports: ['8080:80', 8080:80/tcp, {target: 80, published: 8080}]\n")).Found().Ports);

    [Fact]
    public void OtherFilesOfTheFolder_AreProjectsThatExcludeIt_UnlessAllAreNamed()
    {
        var folder = new TestFolder(
            ("docker-compose.yml", "services:\n  web:\n    ports: ['8080:80']\n"),
            ("docker-compose.prod.yml", "services:\n  other:\n    ports: ['8080:80']\n"));
        Assert.Empty(folder.Plan().Conflicts);
        var merged = folder.Named("docker-compose.yml", "docker-compose.prod.yml");
        Assert.Single(Model.Planning.PortPlanner.Check(merged.Ports, new()).Conflicts);
    }

    [Fact]
    public void AnchorsAndMergeKeys_GiveTheirPorts()
    {
        var input = new TestFolder(("compose.yaml", "x-web: &web\n  ports: [\"8080:80\"]\n  restart: always\nservices:\n  a:\n    <<: *web\n  b:\n    <<: [*web]\n    ports: [\"8081:80\"]\n")).Found();
        Assert.Equal(["2: service a 8080/tcp 0.0.0.0 ::(v6only)", "9: service b 8081/tcp 0.0.0.0 ::(v6only)"], Lines.Of(input));
    }

    [Theory]
    [InlineData("x-base: &base { ports: ['8080:80'] }\nx-mid: &mid\n  <<: *base\n  ports: ['9090:80']\nservices: { web: { <<: *mid } }\n", "service web 9090/tcp")]
    [InlineData("x-a: &a {ports: ['1:1']}\nx-b: &b {ports: ['2:2'], scale: 2}\nservices:\n  web: {<<: [*a, *b]}\n", "service web 1/tcp")]
    [InlineData("x-all: &all\n  web: {ports: ['8080:80']}\n  db: {ports: ['5432:5432']}\nservices:\n  web: {ports: ['9090:80']}\n  <<: *all\n", "service db 5432/tcp", "service web 9090/tcp")]
    public void MergeKeys_GiveWayToTheKeysOfTheirMap_AtEachLevel(string text, params string[] expected) =>
        Assert.Equal(expected, new TestFolder(("compose.yaml", text)).Found().Ports.Select(static port => $"{port.Name} {port.Target}").Order());

    [Fact]
    public void OfSeveralMainFiles_ComposeTakesTheFirst()
    {
        static (string, string) At(string path, int port) => (path, $"services:\n  web:\n    ports: ['{port}:80']\n");
        Assert.Equal(["1/tcp", "3/tcp"], new TestFolder(At("docker-compose.yml", 1), At("docker-compose.yaml", 2),
            At("compose.override.yml", 3), At("docker-compose.override.yml", 4)).Found().Ports.Where(static port => port.Location.File != "docker-compose.override.yml").Select(static port => port.Target));
    }

    [Fact]
    public void ExtendsAndIncludes_AreFollowed()
    {
        var folder = new TestFolder(
            ("compose.yaml", "include:\n  - db/compose.yaml\n  - missing.yaml\nservices:\n  web:\n    extends:\n      file: common.yaml\n      service: base\n    ports: ['8081:81']\n  self:\n    extends: web\n"),
            ("common.yaml", "services:\n  base:\n    ports: ['8080:80']\n"),
            ("db/compose.yaml", "services:\n  db:\n    ports: ['5432:5432']\n"));
        var input = folder.Named("compose.yaml");
        Assert.Equal(["service db 5432/tcp", "service web 8080/tcp", "service web 8081/tcp", "service self 8080/tcp", "service self 8081/tcp"], input.Ports.Select(static port => $"{port.Name} {port.Target}"));
        Assert.Contains("3 missing-file: missing.yaml is included and was not found", Lines.Remarks(input));
    }

    [Theory]
    [InlineData("services:\n  base: [\n", "unreadable")]
    [InlineData("services: {}\n", "missing-file")]
    [InlineData("", "missing-file")]
    [InlineData(null, "missing-file")]
    public void ExtendedServiceThatIsNotThere_IsToldOnce_AsWhatItIs(string? text, string expected)
    {
        (string, string) main = ("compose.yaml", "services:\n  web:\n    extends: {file: common.yaml, service: base}\n    ports: ['8081:81']\n");
        var input = (text is null ? new TestFolder(main) : new TestFolder(main, ("common.yaml", text))).Named("compose.yaml");
        Assert.Equal(expected, Assert.Single(input.Remarks).Id);
        Assert.Equal("8081/tcp", Assert.Single(input.Ports).Target);
    }

    [Fact]
    public void ExtendsInACircle_Ends() =>
        Assert.NotEmpty(new TestFolder(("compose.yaml", "services:\n  a:\n    extends: b\n    ports: ['1:1']\n  b:\n    extends: a\n    ports: ['2:2']\n")).Found().Ports);

    [Fact]
    public void Profiles_OfDifferentServices_CollideOnlyTogether()
    {
        const string text = "services:\n  a:\n    ports: ['80:80']\n    profiles: [x]\n  b:\n    ports: ['80:80']\n    profiles: [y]\n  c:\n    ports: ['81:81']\n  d:\n    ports: ['81:81']\n    profiles: [y]\n";
        var folder = new TestFolder(("compose.yaml", text));
        var plan = folder.Plan();
        Assert.Equal(["81/tcp BW004 compose.yaml:9 compose.yaml:11 (y)"], Lines.Conflicts(plan));
        Assert.Contains(plan.Remarks, static remark => remark is { Id: "profiles-together", Text: "service a and service b collide on 80/tcp if the profiles x and y are enabled together" });
        Assert.Equal(["80/tcp BW004 compose.yaml:3 compose.yaml:6 (x and y)", "81/tcp BW004 compose.yaml:9 compose.yaml:11 (y)"], Lines.Conflicts(folder.Plan("x", "y")));
        Assert.Empty(folder.Plan("x").Conflicts);
        Assert.Equal(2, folder.Plan("*").Conflicts.Length);
    }

    // As compose does: those of --profile go before those of the file.
    [Theory]
    [InlineData("COMPOSE_PROFILES=x, y", "", "80/tcp BW004 compose.yaml:3 compose.yaml:6 ()", "82/tcp BW004 compose.yaml:9 compose.yaml:12 (z)")]
    [InlineData("COMPOSE_PROFILES=x", "", "82/tcp BW004 compose.yaml:9 compose.yaml:12 (z)", "80/tcp BW004 compose.yaml:3 compose.yaml:6 (y)")]
    [InlineData("COMPOSE_PROFILES=*", "", "80/tcp BW004 compose.yaml:3 compose.yaml:6 ()", "82/tcp BW004 compose.yaml:9 compose.yaml:12 ()")]
    [InlineData("COMPOSE_PROFILES=x,y", "z", "82/tcp BW004 compose.yaml:9 compose.yaml:12 (z)")]
    [InlineData("COMPOSE_PROFILES=", "", "82/tcp BW004 compose.yaml:9 compose.yaml:12 (z)")]
    public void Profiles_ThatTheEnvironmentFileEnables_RunUnlessOthersAreAskedFor(string env, string asked, params string[] conflicts)
    {
        const string text = "services:\n  a:\n    ports: ['80:80']\n    profiles: [x]\n  b:\n    ports: ['80:80']\n    profiles: [y]\n  c:\n    ports: ['82:82']\n  d:\n    profiles: [z]\n    ports: ['82:82']\n";
        var plan = new TestFolder(("compose.yaml", text), (".env", env + "\n")).Plan(asked.Length == 0 ? [] : [asked]);
        Assert.Equal(conflicts.Order(), plan.Conflicts.Select(static one => $"{one.Target} {one.Rule.Id} {one.First.Location} {one.Second?.Location} ({one.Profiles})").Order());
    }

    [Fact]
    public void NetworksOfOthers_HaveNoPortsOfTheirOwn()
    {
        var input = new TestFolder(("compose.yaml", "services:\n  a:\n    network_mode: host\n    ports: ['80:80']\n  b:\n    network_mode: service:a\n    ports: ['81:81']\n")).Found();
        Assert.Empty(input.Ports);
        Assert.StartsWith("2 host-network: service a uses the host's network", Assert.Single(Lines.Remarks(input)), StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_WithOnePort_AreWarnedOf() =>
        Assert.Equal(["5 replicas: service web has 3 replicas and publishes 80:80: only 1 can have it on one host"],
            Lines.Remarks(new TestFolder(("compose.yaml", "services:\n  web:\n    deploy: {replicas: 3}\n    ports:\n      - 80:80\n")).Found()));

    [Theory]
    [InlineData("services:\n  web: [\n", 3)]
    [InlineData("a: b: c\n", 1)]
    [InlineData("services:\n\tweb: 1\n", 2)]
    [InlineData("services: *none\n", 1)]
    public void BrokenYaml_IsOneLineWithItsPlace(string text, int line)
    {
        var remark = Assert.Single(new TestFolder(("compose.yaml", text)).Found().Remarks);
        Assert.Equal(("unreadable", line), (remark.Id, remark.Location!.Line));
    }

    [Theory]
    [InlineData("services:\n  a:\n    ports: !override ['8081:80']\n", "another file replaces or repeats its ports, or they are not published")]
    [InlineData("services:\n  a:\n    network_mode: host\n", "another file replaces or repeats its ports, or they are not published")]
    [InlineData("services:\n  a:\n    scale: 2\n", null)]
    public void File_WhosePortsAreNotPublished_SaysNotThatItHasNone(string other, string? why) => Assert.Equal(why, new TestFolder(
        ("compose.yaml", "services:\n  a:\n    ports: ['8080:80']\n"), ("compose.override.yaml", other)).Plan().Sources.Single(static one => one.File == "compose.yaml").WhyNone);
}
