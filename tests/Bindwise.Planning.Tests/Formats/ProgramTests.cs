using Bindwise.Model.Planning;
using Bindwise.Planning.Formats.DotNet;

namespace Bindwise.Planning.Tests.Formats;

public sealed class ProgramTests
{
    [Fact]
    public void Procfile_FollowsForeman_5000AndAHundredForEachProcess()
    {
        var input = new TestFolder(("Procfile", "# dev\nweb: bundle exec puma -p $PORT\nworker: bundle exec sidekiq\nrelease: rake db:migrate\napi: bin/api --listen 0.0.0.0:$PORT\nassets: vite --port 5173\n")).Found();
        Assert.Equal(["2: Procfile web 5000/tcp ::(dual) assumed", "5: Procfile api 5300/tcp ::(dual) assumed", "6: Procfile assets 5173/tcp ::(dual) preferred"], Lines.Of(input));
    }

    [Fact]
    public void Procfile_OfItsProcessesTheWebOneIsForBrowsers()
    {
        var input = new TestFolder(("Procfile", "web: vite --port 6000\nx11: vite --port 6001\n")).Found();
        Assert.Equal([true, false], input.Ports.Select(static port => port.IsForBrowsers));
    }

    [Fact]
    public void Procfile_WithPortInEnv_BeginsThere() =>
        Assert.Equal(["1: Procfile web 3000/tcp ::(dual)", "2: Procfile api 3100/tcp ::(dual)"], Lines.Of(new TestFolder(("Procfile", "web: rails s -p $PORT\napi: node api.js --port ${PORT}\n"), (".env", "export PORT=3000\n")).Found()));

    [Theory]
    [InlineData("bin/rails s -p3000", "1: Procfile web 3000/tcp ::(dual)")]
    [InlineData("npx http-server -p3000 -a127.0.0.1 .", "1: Procfile web 3000/tcp 127.0.0.1")]
    [InlineData("gunicorn -b127.0.0.1:8000 a:b", "1: Procfile web 8000/tcp 127.0.0.1")]
    [InlineData("serve -ltcp://127.0.0.1:3000", "1: Procfile web 3000/tcp 127.0.0.1 preferred")]
    // Which port that is does not stand here; PORT it is not.
    [InlineData("puma -p $OTHER")]
    [InlineData("puma -bunix:///run/puma.sock")]
    [InlineData("PORT=3000 puma -p ${OTHER}")]
    [InlineData("gunicorn --bind unix:app.sock a:b")]
    [InlineData("PORT=3000 puma -p $OTHER & PORT=3001 puma", "1: Procfile web 3001/tcp ::(dual) assumed")]
    [InlineData("python3 -m http.server $OTHER")]
    [InlineData("memcached -l 127.0.0.1:11212,10.0.0.1:11213", "1: Procfile web 11212/tcp 127.0.0.1", "1: Procfile web 11213/tcp 10.0.0.1")]
    [InlineData("memcached -p 3000 -l 127.0.0.1,[::1]:11213", "1: Procfile web 11213/tcp ::1", "1: Procfile web 3000/tcp 127.0.0.1")]
    public void Procfile_PortOption_GoesBeforePort(string command, params string[] expected) =>
        Assert.Equal(expected, Lines.Of(new TestFolder(("Procfile", $"web: {command}\n")).Found()));

    // A word before a colon is all that they have in common with a Procfile.
    [Theory]
    [InlineData("traefik.yml", "entryPoints:\n  web:\n    address: ':80'\n")]
    [InlineData("config.yml", "web: 8080\nname: foo\n")]
    [InlineData(".gitlab-ci.yml", "test:\n  services:\n    - postgres\n")]
    [InlineData("values.yaml", "job:\n  apiVersion: v1\n  kind: Job\n")]
    public void TextOfAnotherProgram_IsNotRecognized(string path, string text) =>
        Assert.StartsWith("1 unknown-format: ", Assert.Single(Lines.Remarks(new TestFolder((path, text)).Named(path))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Procfile.dev")]
    [InlineData("local.procfile")]
    public void Procfile_IsOneByItsName(string path) => Assert.Single(new TestFolder((path, "web: puma -p 3000\n")).Found().Ports);

    [Fact]
    public void OtherPort_IsToldOnce_HoweverManyWantThatOne()
    {
        static (string, string) At(string folder, string script) => (folder + "/package.json", $"{{\"scripts\": {{\"dev\": \"{script}\"}}}}");
        static string[] Reported(params (string, string)[] files) =>
            [.. new TestFolder(files).Plan().Remarks.Where(static one => one.Id is "other-port" or "likely-conflict").Select(static one => one.Text)];
        var servers = Enumerable.Range(0, 4).Select(static at => At($"s{at}", "next dev -p 3000")).ToArray();
        Assert.Equal(["script dev of a takes another port than 3000/tcp if one of 4 others has it already, as script dev of s0; if script dev of a starts first, that one fails"],
            Reported([At("a", "serve -l 3000"), .. servers]));
        Assert.Equal(["script dev of a, script dev of b and 2 others ask for 3000/tcp: those that start later take other ports"],
            Reported(At("a", "vite --port 3000"), At("b", "vite --port 3000"), At("c", "vite --port 3000"), At("d", "serve -l 3000")));
        Assert.Equal(["Procfile web collides with script dev of s0 and 3 others on 3000/tcp if it takes that port, as is usual"],
            Reported([("Procfile", "web: node a.js\n"), (".env", "PORT=3000\n"), .. servers]));
    }

    [Fact]
    public void Procfile_WrongLine_IsTold() => Assert.Equal(["1 not-understood: this line is not a process: write TYPE: COMMAND"], Lines.Remarks(new TestFolder(("Procfile", "just words\n")).Found()));

    [Theory]
    [InlineData("next dev -p 3001", "3001/tcp ::(dual)")]
    [InlineData("PORT=3000 node server.js", "3000/tcp ::(dual) assumed")]
    [InlineData("PORT=3000 bundle exec puma -C config/puma.rb", "3000/tcp ::(dual)")]
    [InlineData("PORT=3000 serve", "3000/tcp ::(dual) preferred")]
    [InlineData("PORT=3000 vite", "3000/tcp ::(dual) assumed")]
    [InlineData("cross-env NODE_ENV=x PORT=3000 react-scripts start", "3000/tcp ::(dual)")]
    [InlineData("set PORT=3000 && npm start", "3000/tcp ::(dual) assumed")]
    [InlineData("vite --host 127.0.0.1 --port=5174", "5174/tcp 127.0.0.1 preferred")]
    [InlineData("vite --host localhost --port 5174", "5174/tcp 127.0.0.1 ::1 preferred")]
    [InlineData("npx serve -s build -l 4173", "4173/tcp ::(dual) preferred")]
    [InlineData("concurrently \\\"vite --port 5173\\\"", "5173/tcp ::(dual) preferred")]
    [InlineData("sh -c 'PORT=4000 node x'", "4000/tcp ::(dual) assumed")]
    [InlineData("python -m http.server 8001 --bind 127.0.0.1", "8001/tcp 127.0.0.1")]
    [InlineData("python3 -u -m http.server 3001", "3001/tcp 0.0.0.0")]
    [InlineData("python3 -X dev -W ignore -um http.server --directory 80 --cgi 3001 > log", "3001/tcp 0.0.0.0")]
    [InlineData("python3 -mhttp.server -b ::1 > 3000", "8000/tcp ::1")]
    [InlineData("PORT=3000 puma", "3000/tcp ::(dual) assumed")]
    [InlineData("timeout -k 5 60 nice -n 10 sudo -u www -- taskset -c 0,1 gunicorn -b :8000 a:b", "8000/tcp 0.0.0.0")]
    [InlineData("env -u X stdbuf -oL -e 0 setpriv --reuid 33 --clear-groups chrt -f 10 ionice -c2 -n 7 next dev -p 3001", "3001/tcp ::(dual)")]
    [InlineData("time -f %e exec php -S 127.0.0.1:8000", "8000/tcp 127.0.0.1")]
    [InlineData("python3 manage.py runserver 0.0.0.0:8000", "8000/tcp 0.0.0.0")]
    [InlineData("php -S localhost:8000 -t public", "8000/tcp 127.0.0.1 ::1")]
    [InlineData("PORT=3000 next dev -p 3001", "3001/tcp ::(dual)")]
    [InlineData("vite --port 5174 --strictPort", "5174/tcp ::(dual)")]
    [InlineData("vite preview --port=5174 --strictPort=true", "5174/tcp ::(dual)")]
    [InlineData("astro dev --port 4321", "4321/tcp ::(dual) preferred")]
    [InlineData("nuxt dev --port 3000", "3000/tcp ::(dual) preferred")]
    [InlineData("nuxt dev --port 3000 --strictPort", "3000/tcp ::(dual)")]
    [InlineData("nuxt preview --port 3000", "3000/tcp ::(dual)")]
    [InlineData("storybook dev -p 6006 --ci", "6006/tcp ::(dual) preferred")]
    [InlineData("storybook dev -p 6006", "6006/tcp ::(dual)")]
    [InlineData("start-storybook -p 6006 --ci", "6006/tcp ::(dual) preferred")]
    [InlineData("start-storybook -p 6006", "6006/tcp ::(dual)")]
    [InlineData("remix vite:dev --port 5173", "5173/tcp ::(dual) preferred")]
    [InlineData("remix vite:dev --port 5173 --strictPort", "5173/tcp ::(dual)")]
    [InlineData("remix dev --port 3001", "3001/tcp ::(dual)")]
    [InlineData("bundle exec jekyll serve -P 4000 -H 127.0.0.1", "4000/tcp 127.0.0.1")]
    [InlineData("serve -l 4173 --no-port-switching", "4173/tcp ::(dual)")]
    [InlineData("live-server --port=8080", "8080/tcp ::(dual) preferred")]
    [InlineData("browser-sync start --server --port 3000 --no-ui", "3000/tcp ::(dual) preferred")]
    [InlineData("vue-cli-service serve --port 8080", "8080/tcp ::(dual) preferred")]
    [InlineData("php artisan serve --port=3000", "3000/tcp ::(dual)")]
    [InlineData("php artisan serve --host 127.0.0.1 --port 3000", "3000/tcp 127.0.0.1")]
    [InlineData("./artisan serve --port=3000", "3000/tcp ::(dual)")]
    [InlineData("ruby bin/rails s -p 3000 -b 127.0.0.1", "3000/tcp 127.0.0.1")]
    [InlineData("fastify start -p 7300 app.js", "7300/tcp ::(dual)")]
    [InlineData("fastify start --port 7300 -a 127.0.0.1 app.js", "7300/tcp 127.0.0.1")]
    [InlineData("http-server -p 8080 -a 127.0.0.1", "8080/tcp 127.0.0.1")]
    [InlineData("gunicorn -b 0.0.0.0:${PORT:-8000} app:app", "8000/tcp 0.0.0.0")]
    [InlineData("gunicorn -b ${HOST:-127.0.0.1}:8000 app:app", "8000/tcp ::(dual)")]
    [InlineData("php8.3 artisan serve --port=3000", "3000/tcp ::(dual)")]
    public void Script_PortThatIsNamed_IsRead(string script, string expected) =>
        Assert.Equal(["2: script dev of this package " + expected], Lines.Of(new TestFolder(("package.json", $"{{\"scripts\": {{\n \"dev\": \"{script}\" }} }}")).Found()));

    [Theory]
    [InlineData("PORT=3000 bin/rails console")]
    [InlineData("PORT=3000 rails db:migrate")]
    [InlineData("PORT=3000 next build")]
    [InlineData("PORT=3000 react-scripts test")]
    [InlineData("vue-cli-service build --port 3000")]
    public void Script_CommandThatDoesNotServe_TakesNoPort(string script) =>
        Assert.Empty(Lines.Of(new TestFolder(("package.json", $"{{\"scripts\": {{\n \"dev\": \"{script}\" }} }}")).Found()));

    [Theory]
    [InlineData("ng serve --port 3000 & json-server --port 3000 db.json", "ng --port 3000", "json-server --port 3000")]
    [InlineData("concurrently -k \\\"ng serve --port 3000\\\" \\\"json-server --port 3000 db.json\\\"", "ng --port 3000", "json-server --port 3000")]
    [InlineData("(PORT=3000 next dev & PORT=3000 rails s && wait)", "next PORT=3000", "rails PORT=3000")]
    public void Script_TwoServersSideBySide_Collide(string script, string first, string second)
    {
        var plan = new TestFolder(("package.json", $"{{\"scripts\": {{\"dev\": \"{script}\"}} }}")).Plan();

        var conflict = Assert.Single(plan.Conflicts);
        Assert.Equal((first, second), (conflict.First.Text, conflict.Second?.Text));
    }

    [Theory]
    [InlineData("ng serve --port 3000 && json-server --port 3000")]
    [InlineData("wrangler --port 3000 || wrangler --port 3000; wrangler --port 3000")]
    [InlineData("wrangler --port 3000 2>&1 || wrangler --port 3000 &> log")]
    [InlineData("vite --port 3000 & json-server --port 3001")]
    [InlineData("concurrently \\\"ng serve --port 3000\\\" \\\"wait-on http://localhost:3000 && electron . --port 3000\\\"")]
    public void Script_ServersThatFollowOneAnother_OrHaveTheirOwnPorts_DoNotCollide(string script) =>
        Assert.Empty(new TestFolder(("package.json", $"{{\"scripts\": {{\"dev\": \"{script}\"}} }}")).Plan().Conflicts);

    [Theory]
    [InlineData("PORT=8081 NODE_ENV=test mocha")]
    [InlineData("PORT=3000 bundle exec sidekiq")]
    [InlineData("PORT=3000 uvicorn app:app")]
    [InlineData("PORT=3000 redis-server")]
    [InlineData("timeout 3000 sleep 1")]
    [InlineData("tsc -p 3000")]
    [InlineData("docker run -p 8080:80 x")]
    [InlineData("PORT=3000 docker compose up")]
    [InlineData("cross-env PORT=3000 docker-compose up -d")]
    [InlineData("php artisan queue:work --port=3000")]
    [InlineData("wait-on tcp:3000 && kill-port 3000")]
    [InlineData("psql --port 5432")]
    [InlineData("next dev")]
    // node says that its inspector's port is taken, and runs on.
    [InlineData("node --inspect-port 9229 x.js")]
    [InlineData("node --inspect=9229 x.js")]
    [InlineData("echo PORT=3000")]
    public void Script_NumberThatIsNoServersPort_IsLeftOut(string script) => Assert.Empty(new TestFolder(("package.json", $"{{\"scripts\": {{\"dev\": \"{script}\"}} }}")).Found().Ports);

    [Theory]
    [InlineData("concurrently \\\"npm run web\\\" \\\"npm run api\\\"")]
    [InlineData("concurrently -n web,api npm:web npm:api")]
    [InlineData("timeout 60 npm run web & nice -n 5 npm run api")]
    [InlineData("concurrently npm:web \\\"npm run -s api > log\\\"")]
    [InlineData("run-p web api")]
    [InlineData("npm-run-all lint --parallel web api")]
    [InlineData("npm-run-all -p -l web api")]
    [InlineData("npm run web & yarn api")]
    [InlineData("pnpm web & bun run api")]
    [InlineData("npm run lint && run-p other both")]
    [InlineData("concurrently \\\"npm run lint && npm run web\\\" \\\"npm run api\\\"")]
    public void Scripts_ThatOneStartsSideBySide_Collide(string script) =>
        Assert.Equal(["3000/tcp BW004 package.json:2 package.json:3"], Lines.Conflicts(PackageWith(script).Plan()));

    [Theory]
    [InlineData("npm run web && npm run api")]
    [InlineData("npm-run-all web api")]
    [InlineData("npm-run-all -p web lint -s api")]
    [InlineData("run-s web api")]
    [InlineData("concurrently \\\"npm run web\\\" \\\"npm run api -- --port 4000\\\"")]
    [InlineData("concurrently \\\"npm run web\\\" \\\"PORT=4000 npm run api\\\"")]
    [InlineData("concurrently \\\"npm run web\\\" \\\"cd ../api && npm run api\\\"")]
    [InlineData("(cd ../web && npm run web) & npm run api")]
    [InlineData("concurrently \\\"npm run web\\\" \\\"npm run api -w other\\\"")]
    [InlineData("concurrently \\\"npm run web\\\" \\\"npm --prefix other run api\\\"")]
    [InlineData("concurrently \\\"npm run web\\\" \\\"npm run nothing\\\"")]
    public void Scripts_ThatNoneStartsSideBySide_DoNotCollide(string script) => Assert.Empty(PackageWith(script).Plan().Conflicts);

    [Fact]
    public void Scripts_OfAPattern_AreAllThatFit()
    {
        static TestFolder With(string dev) => new(("package.json",
            $"{{\"scripts\": {{\n\"dev:web\": \"node a --port 3000\",\n\"dev:api\": \"node b --port 3000\",\n\"dev:api:old\": \"node c --port 3000\",\n\"dev\": \"{dev}\"}} }}"));
        Assert.Equal(["3000/tcp BW004 package.json:2 package.json:3"], Lines.Conflicts(With("run-p dev:*").Plan()));
        Assert.Equal(3, With("run-p dev:**").Plan().Conflicts.Length);
        Assert.Equal(3, With("concurrently 'npm:dev:*'").Plan().Conflicts.Length);
        Assert.Empty(With("run-s dev:*").Plan().Conflicts);
    }

    [Fact]
    public void Scripts_ThatCallOneAnother_EndAllTheSame() => Assert.Empty(new TestFolder(("package.json",
        "{\"scripts\": {\"a\": \"run-p a b\", \"b\": \"run-p a b *\", \"c\": \"next -p 3000\"} }")).Plan().Conflicts);

    [Fact]
    public void Vite_WithoutStrictPort_TakesAnother()
    {
        static TestFolder With(string settings) => new(("a/package.json", "{\"scripts\": {\"dev\": \"vite --port 3000\"}}"),
            ("b/package.json", "{\"scripts\": {\"dev\": \"node plain.js --port 3000\"}}"), ("a/vite.config.ts", settings));
        var plan = With("export default defineConfig({ server: { port: 1 } })").Plan();
        Assert.Empty(plan.Conflicts);
        var remark = Assert.Single(plan.Remarks, static one => one.Id == "other-port");
        Assert.Equal("script dev of a takes another port than 3000/tcp if script dev of b has it already; if script dev of a starts first, script dev of b fails", remark.Text);
        Assert.Single(With("export default {\n  server: { strictPort: true },\n}").Plan().Conflicts);
        Assert.Empty(With("export default {\n  // strictPort: true,\n}").Plan().Conflicts);
        var both = new TestFolder(("a/package.json", "{\"scripts\": {\"dev\": \"vite --port 3000\"}}"), ("b/package.json", "{\"scripts\": {\"dev\": \"vite --port 3000\"}}")).Plan();
        Assert.Contains(both.Remarks, static one => one.Text == "script dev of a and script dev of b both ask for 3000/tcp: the one that starts last takes another port");
    }

    [Theory]
    [InlineData("vite --port 3000", "server: { strictPort: true }", true)]
    [InlineData("vite --port 3000", "preview: { strictPort: true, port: 4173 }", false)]
    [InlineData("vite --port 3000", "preview: { proxy: { '/a': 'http://b' }, strictPort: true },\nserver: { strictPort: false }", false)]
    [InlineData("vite --port 3000", "preview: { port: 1 }, server: { strictPort: true }", true)]
    [InlineData("vite preview --port 3000", "preview:\n{ strictPort: true }", true)]
    [InlineData("vite preview --port 3000", "server: { strictPort: true }", true)]
    [InlineData("vite preview --port 3000", "server: { strictPort: true }, preview: { strictPort: false }", false)]
    [InlineData("vite preview --port 3000", "// preview: { strictPort: true }", false)]
    public void Vite_StrictPort_IsOfTheCommandThatItStandsFor(string script, string settings, bool isStrict) => Assert.Equal(
        isStrict ? PlanCertainty.Stated : PlanCertainty.Preferred, Assert.Single(new TestFolder(("package.json", $"{{\"scripts\": {{\"dev\": \"{script}\"}}}}"),
            ("vite.config.js", $"export default {{ {settings}\n}}\n")).Found().Ports).Certainty);

    [Fact]
    public void Package_OneScriptThatStartsTwo_IsNamedOnce()
    {
        var remark = Assert.Single(new TestFolder(("package.json", "{\"scripts\": {\"dev\": \"vite --port 4003 & vite --port 4003\"}}")).Plan().Remarks,
            static one => one.Id == "other-port");
        Assert.Equal("script dev of this package asks for 4003/tcp twice: what starts last takes another port", remark.Text);
        Assert.Null(remark.Other);
    }

    [Theory]
    [InlineData("cd web && next dev -p 3000", 0)]
    [InlineData("(cd ./web/ && next dev -p 3000)", 0)]
    [InlineData("cd api/../web; PORT=3000 npm start", 0)]
    [InlineData("PORT=3000 npm start -w web", 0)]
    [InlineData("PORT=3000 pnpm --filter=web dev", 0)]
    [InlineData("PORT=3000 turbo run dev", 0)]
    [InlineData("cd api && next dev -p 3000", 1)]
    [InlineData("cd web && cd .. && next dev -p 3000", 1)]
    [InlineData("(cd web && npm run build) && next dev -p 3000", 1)]
    [InlineData("PORT=3000 npm start", 1)]
    public void Script_ThatStartsTheProgramOfAnotherFolder_DoesNotMeetIt(string script, int pairs)
    {
        var plan = new TestFolder(
            ("package.json", $"{{\"scripts\": {{\"dev\": \"{script}\"}}}}"), ("web/package.json", "{\"scripts\": {\"dev\": \"next dev -p 3000\"}}")).Plan();
        Assert.Equal(pairs, plan.Conflicts.Length + plan.Remarks.Count(static one => one.Id == "likely-conflict"));
    }

    [Fact]
    public void Port_BeforeAProgramThatIsNotKnown_IsAssumed()
    {
        var plan = new TestFolder(("Procfile.dev", "web: PORT=3000 bundle exec puma -C config/puma.rb\nsidekiq: PORT=3000 bundle exec sidekiq\nstream: PORT=3000 yarn run start\n")).Plan();
        Assert.Empty(plan.Conflicts);
        Assert.Equal("Procfile.dev stream collides with Procfile.dev web on 3000/tcp if it takes that port, as is usual",
            Assert.Single(plan.Remarks, static one => one.Id == "likely-conflict").Text);
    }

    [Fact]
    public void Scripts_InOneOtherFolder_CollideIfOneStartsBoth() => Assert.Single(new TestFolder(("package.json",
        "{\"scripts\": {\"a\": \"cd web && next -p 3000\", \"b\": \"cd web && next -p 3000\", \"dev\": \"run-p a b\"} }")).Plan().Conflicts);

    [Fact]
    public void Vite_OfAnotherFolder_HasTheSettingsOfThatOne() => Assert.Equal(["1: script dev of this package 3000/tcp ::(dual)"], Lines.Of(new TestFolder(
        ("package.json", "{\"scripts\": {\"dev\": \"cd web && vite --port 3000\"}}"), ("web/vite.config.ts", "export default { server: { strictPort: true } }\n")).Found()));

    [Theory]
    [InlineData("web: cd web && next start -p 3000\n", 0)]
    [InlineData("web: cd api && next start -p 3000\n", 1)]
    [InlineData("web: next start -p 3000\n", 1)]
    public void Procfile_ThatStartsTheProgramOfAnotherFolder_DoesNotMeetIt(string text, int conflicts) => Assert.Equal(conflicts, new TestFolder(
        ("Procfile", text), ("web/package.json", "{\"scripts\": {\"dev\": \"next dev -p 3000\"}}")).Plan().Conflicts.Length);

    private static TestFolder PackageWith(string dev) => new(("package.json",
        $"{{\"scripts\": {{\n\"web\": \"node web.js --port 3000\",\n\"api\": \"node api.js --port 3000\",\n\"lint\": \"eslint .\", \"other\": \"npm run web\", \"both\": \"npm run lint && npm run api\", \"dev\": \"{dev}\"}} }}"));

    [Fact]
    public void WaysToStartOneProgram_NeverCollide_AndProgramsOfTwoFoldersDo()
    {
        var folder = new TestFolder(
            ("web/package.json", "{\"scripts\": {\"dev\": \"next dev -p 3000\", \"start\": \"next start -p 3000\"}}"), ("web/.env", "PORT=3000\n"), ("web/Procfile.dev", "web: next dev -p 3000\n"),
            ("compose.yaml", "services:\n  web:\n    build: ./web\n    ports: ['3000:3000']\n"));
        Assert.Empty(folder.Plan().Conflicts);
        // What a unit starts is installed; what stands in an .env above is for the programs below.
        (string, string) unit = ("deploy/web.service", "[Service]\nExecStart=/srv/web/bin/puma -p 3000\n");
        (string, string) script = ("web/package.json", "{\"scripts\": {\"dev\": \"next dev -p 3000\"}}");
        Assert.Empty(new TestFolder(unit, script, ("web/.env", "PORT=3000\n"), (".env", "PORT=3000\n")).Plan().Conflicts);
        Assert.Single(new TestFolder(unit, ("deploy/other.service", unit.Item2)).Plan().Conflicts);
        Assert.Single(new TestFolder(unit, ("compose.yaml", "services:\n  db:\n    ports: ['3000:3000']\n    volumes: ['./data:/data']\n")).Plan().Conflicts);
        Assert.Single(new TestFolder(script, ("webshop/.env", "PORT=3000\n")).Plan().Conflicts);
        var two = new TestFolder(("api/.env", "PORT=3000\n"), ("web/.env.local", "PORT=3000 # the same\n"), ("web/.env.example", "PORT=3000\n"));
        Assert.Equal(["3000/tcp BW004 api/.env:1 web/.env.local:1"], Lines.Conflicts(two.Plan()));
    }

    [Fact]
    public void Env_BesideCompose_IsForCompose() =>
        Assert.Equal(["service web"], new TestFolder(("compose.yaml", "services:\n  web:\n    ports: ['${PORT}:80']\n"), (".env", "PORT=3000\n")).Found().Ports.Select(static port => port.Name));

    [Theory]
    [InlineData("http://localhost:5000", "5000/tcp 127.0.0.1 ::1")]
    [InlineData("http://+:80", "80/tcp ::(dual)")]
    [InlineData("http://*:5000/", "5000/tcp ::(dual)")]
    [InlineData("https://example.test", "443/tcp ::(dual)")]
    [InlineData("http://0.0.0.0:5000", "5000/tcp 0.0.0.0")]
    [InlineData("http://[::]:5000", "5000/tcp ::(dual)")]
    [InlineData("http://[::1]:5000", "5000/tcp ::1")]
    [InlineData("http://unix:/tmp/k.sock", "/tmp/k.sock")]
    public void LaunchSettings_Url_IsWhatKestrelBinds(string url, string expected) =>
        Assert.Equal(["2: launch profile http " + expected], Lines.Of(new TestFolder(("Web/Properties/launchSettings.json", $"{{ /* c */ \"profiles\": {{\n\"http\": {{ \"commandName\": \"Project\", \"applicationUrl\": \"{url}\", }} }} }}")).Found()));

    [Fact]
    public void LaunchSettings_OtherKindsOfProfiles_AreNotOfThisHost() =>
        Assert.Equal(["2: launch profile c 8080/tcp ::(dual)"], Lines.Of(new TestFolder(("launchSettings.json",
            "{\"profiles\": {\"a\": {\"commandName\": \"IISExpress\", \"applicationUrl\": \"http://localhost:1\"}, \"b\": {\"commandName\": \"Docker\"},\n\"c\": {\"environmentVariables\": {\"ASPNETCORE_HTTP_PORTS\": \"8080\"}}}}")).Found()));

    // dotnet run sets ASPNETCORE_URLS to applicationUrl, then the profile's variables; GenericWebHostService takes ports only without URLs.
    [Theory]
    [InlineData("\"applicationUrl\": \"http://*:1\", \"environmentVariables\": {\"ASPNETCORE_URLS\": \"http://*:2\", \"ASPNETCORE_HTTP_PORTS\": \"3\"}", "2/tcp")]
    [InlineData("\"applicationUrl\": \"http://*:1\", \"environmentVariables\": {\"DOTNET_URLS\": \"http://*:2\"}", "1/tcp")]
    [InlineData("\"applicationUrl\": \"\", \"environmentVariables\": {\"ASPNETCORE_URLS\": \"http://*:2\"}", "2/tcp")]
    [InlineData("\"environmentVariables\": {\"ASPNETCORE_HTTP_PORTS\": \"1;2\", \"ASPNETCORE_HTTPS_PORTS\": \"3\"}", "1/tcp", "2/tcp", "3/tcp")]
    public void LaunchSettings_OfSeveralSettings_OneCounts(string profile, params string[] expected) => Assert.Equal(expected, new TestFolder(
        ("launchSettings.json", $"{{\"profiles\": {{\"a\": {{{profile}}}}}}}")).Found().Ports.Select(static port => port.Target));

    [Theory]
    [InlineData("{\"Urls\": \"http://*:1\", \"HTTP_PORTS\": \"2\", \"https_ports\": \"3\"}", "1/tcp http://*:1")]
    [InlineData("{\"Urls\": \"\", \"HTTP_PORTS\": \"2\", \"https_ports\": \"3;4\"}", "2/tcp http://*:2", "3/tcp https://*:3", "4/tcp https://*:4")]
    public void AppSettings_PortsCountWithoutUrls(string text, params string[] expected) =>
        Assert.Equal(expected, new TestFolder(("appsettings.json", text)).Found().Ports.Select(static port => $"{port.Target} {port.Text}"));

    [Theory]
    [InlineData("appsettings.json", "Urls")]
    [InlineData("appsettings.Development.json", "Urls (Development)")]
    [InlineData("AppSettings.My.Host.json", "Urls (My.Host)")]
    [InlineData("a", "Urls")]
    [InlineData("kestrel-production-settings.json", "Urls")]
    [InlineData("appsettings.Development.json.bak", "Urls")]
    public void AppSettings_EnvironmentIsThatOfTheName(string path, string expected) => Assert.Equal(expected, Assert.Single(
        PlanReader.Read([new PlanFile(path, AppSettingsReader.Format, IsNamed: true)], new TestFolder((path, "{\"Urls\": \"http://*:1\"}"))).Ports).Name);

    [Fact]
    public void AppSettings_EndpointsGoBeforeUrls_AndEnvironmentsChangeThem()
    {
        var folder = new TestFolder(
            ("Web/appsettings.json", "{\"urls\": \"http://localhost:1\", \"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": \"http://localhost:5000\"}, \"Grpc\": {\"Url\": \"http://localhost:5001\"}}}}"),
            ("Web/appsettings.Development.json", "{\"Kestrel:Endpoints:Http:Url\": \"http://localhost:5001\"}"),
            ("Web/appsettings.Staging.json", "{\"kestrel\": {\"endpoints\": {\"Http\": {\"url\": \"http://localhost:5000\"}}}}"));
        var plan = folder.Plan();
        Assert.Equal(4, plan.Ports.Length);
        // Http of Development meets Grpc; it never meets the Http that it replaces, nor that of another environment.
        Assert.Equal(["5001/tcp BW004 Web/appsettings.Development.json:1 Web/appsettings.json:1"], Lines.Conflicts(plan));
    }

    [Fact]
    public void AppSettings_EndpointsOfOneEnvironment_LeaveTheUrlsOfTheOthers()
    {
        var folder = new TestFolder(
            ("Web/appsettings.json", "{\"Urls\": \"http://*:8080\"}"),
            ("Web/appsettings.Development.json", "{\"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": \"http://localhost:8080\"}}}, \"Urls\": \"http://*:9\"}"),
            ("compose.yaml", "services:\n  web:\n    ports: ['8080:80']\n"));
        var plan = folder.Plan();
        Assert.Equal(["Kestrel endpoint Http (Development)", "Urls", "service web"], plan.Ports.Select(static port => port.Name).Order());
        // In Development the URLs of all are not used: both would be one program's.
        Assert.DoesNotContain(Lines.Conflicts(plan), static line => line.Contains("appsettings.json", StringComparison.Ordinal) && line.Contains("Development", StringComparison.Ordinal));
        Assert.Contains(Lines.Conflicts(plan), static line => line.Contains("Web/appsettings.json", StringComparison.Ordinal) && line.Contains("compose.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void AppSettings_NamesOfEndpoints_AreComparedWithoutCase() => Assert.Empty(new TestFolder(
        ("Web/appsettings.json", "{\"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": \"http://localhost:5000\"}}}}"),
        ("Web/appsettings.Staging.json", "{\"kestrel\": {\"endpoints\": {\"http\": {\"url\": \"http://localhost:5000\"}}}}")).Plan().Conflicts);

    [Theory]
    [InlineData("launchSettings.json", "{\"profiles\": {\"a\": {\"applicationUrl\": \"localhost:5000\"}}}", "1 not-understood: localhost:5000 of launch profile a is not a URL: write http://localhost:5000")]
    [InlineData("appsettings.json", "{\"Urls\": \"http://localhost:99999\"}", "1 not-understood: http://localhost:99999 of Urls is not a URL: write http://localhost:5000")]
    [InlineData("package.json", "{\n\"scripts\": {,}\n}", "2 unreadable: cannot be read from here on: ',' is an invalid start of a property name. Expected a '\"'")]
    [InlineData("package.json", "{\n\"scripts\": {\"a\": \"b\"", "2 unreadable: cannot be read from here on: it ends too early")]
    [InlineData("package.json", "{\n\"scripts\": {\"a\": \"b", "2 unreadable: cannot be read from here on: it ends too early")]
    public void WrongText_IsToldWithItsLine(string file, string text, string remark) => Assert.Equal([remark], Lines.Remarks(new TestFolder((file, text)).Found()));

    [Theory]
    [InlineData("NAME=x", "it sets no PORT")]
    [InlineData("PORT=", "its PORT is empty")]
    [InlineData("PORT=0", "its PORT=0 lets the system choose")]
    [InlineData("PORT=abc", "its PORT=abc is no port")]
    [InlineData("PORT=99999", "its PORT=99999 is no port")]
    [InlineData("PORT=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "its PORT is no port")]
    public void DotEnv_WithoutAPort_SaysWhy(string line, string why) =>
        Assert.Equal(why, Assert.Single(new TestFolder((".env", line + "\n")).Plan().Sources).WhyNone);
}
