using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>comm has the first 15 bytes of a title: a process is called by whole words of it.</summary>
public sealed class ProcessTitleTests
{
    [Theory]
    [InlineData("next-server (v15.1.0)", "node", "next-server (pid 7)")]
    [InlineData("PM2 v7.0.4: God Daemon (/root/.pm2)", "node", "PM2 v7.0.4: God Daemon (pid 7)")]
    [InlineData("npm run nodewatch", "node", "npm run nodewatch (pid 7)")]
    [InlineData("npm exec concurrently --restart-tries -1 node plain.js", "node", "npm exec concurrently --restart-tries… (pid 7)")]
    [InlineData("npm start", "node", "npm start (pid 7)")]
    [InlineData("node /srv/shop/server.js", "node", "server.js (node, pid 7)")]
    [InlineData("node /s/app.js", "node", "app.js (node, pid 7)")]
    [InlineData("bun /srv/shop/server.ts", "bun", "server.ts (bun, pid 7)")]
    // It begins with the name of another interpreter, or of none.
    [InlineData("node /srv/shop/server.js", "shop", "node /srv/shop/server.js (pid 7)")]
    [InlineData("nginx: master process /usr/sbin/nginx", "nginx", "nginx: master process /usr/sbin/nginx (pid 7)")]
    public void Name_IsOfWholeWords(string title, string program, string expected)
    {
        Assert.Equal(expected, ProcessNames.Short(Titled(title, program)));
        // What is left of the old arguments is empty.
        Assert.Equal(expected, ProcessNames.Short(Titled(title, program) with { Arguments = [title, "", ""] }));
    }

    // Another name than the title's beginning was set by itself (PR_SET_NAME).
    [Fact]
    public void NameOfItsOwn_Stays() => Assert.Equal("worker-thread-1 (pid 7)", ProcessNames.Short(Titled("shop: worker 1 of 8", "shop") with { Name = "worker-thread-1" }));

    // The kernel counts bytes, and cuts characters.
    [Theory]
    [InlineData("服务器-サ\\xe3\\x83", "服务器-サーバー", "服务器-サーバー")]
    [InlineData("äääääää\\xc3", "ääääääääääö", "ääääääääääö")]
    [InlineData("服务器程序", "服务器程序名字", "服务器程序名字")]
    [InlineData("äääääää\\xc3", "node", "äääääää\\xc3")]
    [InlineData("ä\\xc3", "ää", "ä\\xc3")]
    public void NameThatIsCut_IsThatOfTheFile(string name, string program, string expected) =>
        Assert.Equal(expected, ProcessNames.Plain(Titled(name, program)));

    private static ProcessRecord Titled(string title, string program) => new()
    {
        Id = 7,
        Name = title.Length > 15 ? title[..15] : title,
        Executable = "/usr/bin/" + program,
        Arguments = [title],
    };
}
