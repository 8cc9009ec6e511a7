using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Tests.Drawing;
using Bindwise.Model.Text;
using Microsoft.Playwright;

namespace Bindwise.Drawing.Tests;

/// <summary>What a reader sees of the pictures, in both themes. Each is kept in artifacts/pictures to be looked at.</summary>
public sealed class PictureTests(Browser browser) : IClassFixture<Browser>
{
    // WCAG 2.2, level AA.
    private const double LeastContrast = 4.5;

    public static IEnumerable<object[]> Cases
    {
        get
        {
            var cases = new TheoryData<string, SvgTheme, ColorScheme>();
            foreach (var name in KnownPictures.Names)
            {
                cases.Add(name, SvgTheme.Automatic, ColorScheme.Light);
                cases.Add(name, SvgTheme.Automatic, ColorScheme.Dark);
            }
            // What was asked for stays, whatever the reader prefers: the colours of all pictures are the same.
            var one = KnownPictures.Names[0];
            cases.Add(one, SvgTheme.Light, ColorScheme.Dark);
            cases.Add(one, SvgTheme.Dark, ColorScheme.Light);
            return cases;
        }
    }

    [BrowserTheory]
    [MemberData(nameof(Cases))]
    internal async Task Picture_InTheBrowser_CanBeRead(string name, SvgTheme theme, ColorScheme preferred)
    {
        var picture = KnownPictures.Of(name, 112);
        await using var open = await browser.Open(SvgPicture.Write(picture, theme), preferred);
        var texts = await ShownText.In(open.Page);
        var view = await open.Page.EvaluateAsync<double[]>("() => { const box = document.documentElement.viewBox.baseVal; return [box.width, box.height]; }");

        var labels = picture.Marks.OfType<Label>().ToList();
        Assert.Equal(labels.Select(label => label.Text), texts.Select(text => text.Content));
        for (var index = 0; index < texts.Length; index++)
        {
            var (text, label) = (texts[index], labels[index]);
            Assert.True(text.Left >= 0 && text.Top >= 0 && text.Right <= view[0] && text.Bottom <= view[1], $"{text} is outside of the picture");
            var left = SvgPicture.Margin + (label.Column * SvgPicture.CellWidth);
            Assert.True(text.Left >= left - 0.5 && text.Right <= left + (CellWidth.Of(label.Text) * SvgPicture.CellWidth) + 0.5, $"{text} is wider than its cells, from {left}");
            Assert.True(text.Contrast >= LeastContrast, $"{text} has a contrast of {text.Contrast:0.00}");
            Assert.Equal(text.Content, text.Selected);
            for (var other = 0; other < index; other++)
                Assert.False(text.Overlaps(texts[other]), $"{text} stands on {texts[other]}");
        }
        var isDark = theme == SvgTheme.Dark || (theme == SvgTheme.Automatic && preferred == ColorScheme.Dark);
        Assert.Equal(isDark, (await open.Page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('.page')).fill")).StartsWith("rgb(1", StringComparison.Ordinal));
        Assert.Empty(open.Errors);
        await open.Photograph(Kept($"{name}-{theme}-{preferred}.png".ToLowerInvariant()), view);
    }

    [BrowserTheory]
    [InlineData("restart-over-time-wait")]
    public async Task Picture_ReadOut_HasItsNameAndWhatHappens(string name)
    {
        await using var open = await browser.Open(SvgPicture.Write(KnownPictures.Of(name, 112)), ColorScheme.Light);
        var image = open.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = "restart-over-time-wait" });
        Assert.Equal(1, await image.CountAsync());
        Assert.Contains("conn TIME_WAIT", await open.Page.EvaluateAsync<string>("() => document.getElementById('desc').textContent"), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("<script>window.harmed = true</script>")]
    [InlineData("]]><img src=x onerror=alert(1)>&amp;\"'")]
    public async Task Picture_OfAHostileName_ShowsItAsText(string hostile)
    {
        var picture = KnownPictures.Named(hostile, 112);
        await using var open = await browser.Open(SvgPicture.Write(picture), ColorScheme.Light);
        Assert.Equal(hostile, await open.Page.EvaluateAsync<string>("() => document.querySelector('text').textContent"));
        Assert.False(await open.Page.EvaluateAsync<bool>("() => 'harmed' in window || document.querySelectorAll('script, img').length > 0"));
        Assert.Empty(open.Errors);
    }

    private static string Kept(string file) => Directory.CreateDirectory(Repository.File("artifacts/pictures")).FullName + "/" + file;
}
