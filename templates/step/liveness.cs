<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<?cs def:other_way() ?>
<section class="card">
<h2>不用人脸也能办</h2>
<?cs include!"_way.cs" ?>
</section>
<?cs /def ?>
<h1><?cs var:Page.heading ?></h1>
<?cs include!"_handover.cs" ?>
<?cs if:Live.state == "digits_waiting" ?>
<div class="card">
<?cs call:waiting("正在准备数字", "一般几秒钟，请稍候。本页会自动更新。") ?>
</div>
<?cs elif:Live.state == "verifying" ?>
<div class="card">
<?cs call:waiting("录像已上传，正在核验", "请勿关闭（一般 10 秒内）。离开也不影响，回来可以看到结果。") ?>
</div>
<?cs elif:Live.state == "passed" ?>
<div class="card state" role="status">
<span class="badge good" aria-hidden="true"></span>
<p class="state-title">身份验证已通过</p>
<p>不用再录了，请继续下一步。</p>
<?cs call:action_form("next", "下一步", "btn") ?>
</div>
<?cs elif:Live.state == "digits_unavailable" ?>
<div class="card state" role="status">
<span class="badge wait" aria-hidden="true"></span>
<p class="state-title">暂时取不到数字</p>
<p>核验服务繁忙，本次不计入次数，请稍后再试。您填的内容已保存。</p>
<?cs call:action_form("digits", "再试一次", "btn") ?>
</div>
<?cs call:other_way() ?>
<?cs elif:Live.state == "unavailable" ?>
<div class="card state" role="status">
<span class="badge wait" aria-hidden="true"></span>
<p class="state-title">核验服务繁忙</p>
<p>本次不计入次数，请稍后再试。您填的内容已保存。</p>
<?cs call:action_form("retry", "再试一次", "btn") ?>
</div>
<?cs call:other_way() ?>
<?cs elif:Live.state == "locked" ?>
<div class="card state" role="status">
<span class="badge wait" aria-hidden="true"></span>
<p class="state-title"><?cs if:Live.locked_clock ?>请在 <?cs var:Live.locked_clock ?> 后再试<?cs else ?>请稍后再试<?cs /if ?></p>
<?cs if:Live.cause ?><p><?cs var:Live.cause ?></p><?cs /if ?>
<p>今天尝试的次数较多。填过的内容已保存，到时间回到本页即可继续；不想等，也可以改为人工审核。</p>
</div>
<?cs call:other_way() ?>
<?cs else ?>
<?cs if:Live.cause ?>
<div class="note bad" role="alert"><p><strong><?cs var:Live.cause ?></strong></p><?cs if:Tries.left ?><p>还可以再试 <?cs var:Tries.left ?> 次</p><?cs /if ?></div>
<?cs elif:Tries.left ?>
<p class="note warn">还可以再试 <?cs var:Tries.left ?> 次</p>
<?cs /if ?>
<div class="card live" data-live data-left="<?cs var:Live.left ?>">
<p class="ask" data-say>录像时，请大声读出这 4 个数字</p>
<p class="say" data-say><span class="hide"><?cs var:Live.words ?></span><span class="say-digits" aria-hidden="true"><?cs var:Live.digits ?></span><span class="say-words" aria-hidden="true"><?cs var:Live.words ?></span></p>
<p class="note warn" role="alert" hidden data-expired>数字已过期，请点“换一组数字”</p>
<div class="recorder" hidden data-recorder data-url="<?cs var:Upload.url ?>" data-label="录像" data-kind="video" data-max="<?cs var:Site.clip_bytes ?>" data-seconds="5" data-least="3"
data-text-sending="{label}上传中 {p}%" data-text-done="已上传，正在打开核验结果…" data-text-net="网络中断，已上传 {p}%，恢复后会自动继续" data-text-fail="没有传上去，请点“重试”" data-text-cancelled="已取消上传" data-text-big="录像太大，请重录" data-text-empty="没有录到内容，请重录"
data-text-opening="正在打开相机，请点“允许”" data-text-denied="没有相机或麦克风权限。请在手机设置中允许使用，或展开下面的“改用拍摄上传”" data-text-busy="相机被其他应用占用，关闭后再试" data-text-none="没有找到相机或麦克风，请换一部手机，或改用拍摄上传" data-text-slow="还在等相机。请点“允许”；没有看到提示，请再点“开始录制”，或改用拍摄上传" data-text-broken="相机没有打开，请再试一次，或改用拍摄上传" data-text-ready="准备，{n}" data-text-recording="正在录像，请读出数字" data-text-recorded="录好了，请看一遍" data-text-short="录像不足 3 秒，请重录">
<div class="stage" data-stage><svg viewBox="0 0 200 240" aria-hidden="true"><ellipse class="oval" cx="100" cy="116" rx="78" ry="100"/><path class="face" d="M62 128c0-70 76-70 76 0 0 26-18 50-38 50s-38-24-38-50zM40 224c6-24 30-32 60-32s54 8 60 32"/><path class="ring" d="M100 16a78 100 0 1 1-.1 0" data-ring/></svg><span class="count" aria-hidden="true" data-count></span></div>
<p class="rec-text" role="status" data-rec-text></p>
<p class="error" role="alert" hidden data-rec-problem></p>
<button class="btn" type="button" data-rec-start>开始录制</button>
<div class="two" hidden data-rec-choice>
<button class="btn" type="button" data-rec-use>使用这段</button>
<button class="btn second" type="button" data-rec-again>重录</button>
</div>
<?cs include!"_progress.cs" ?>
</div>
<details class="fallback" open data-fallback<?cs if:Live.file_first ?> data-first<?cs /if ?>>
<summary>不能录像？改用拍摄上传</summary>
<p class="hint">用手机自带的相机录一段 3 到 5 秒的视频，一边录一边读上面的数字。文件不能超过 <?cs var:Site.clip_mb ?>MB：录之前请在相机设置里把清晰度改成 480P 或 720P。</p>
<div class="uploader" data-uploader data-url="<?cs var:Upload.url ?>" data-label="录像" data-kind="video" data-max="<?cs var:Site.clip_bytes ?>"
data-text-sending="{label}上传中 {p}%" data-text-done="已上传，正在打开核验结果…" data-text-net="网络中断，已上传 {p}%，恢复后会自动继续" data-text-fail="没有传上去，请点“重试”" data-text-cancelled="已取消上传" data-text-type="请选择一段视频" data-text-big="录像太大，不能超过 <?cs var:Site.clip_mb ?>MB。请在相机设置里改成 480P，录 3 到 4 秒；改不了，就用本页最下面不录像的办法" data-text-empty="这个文件是空的，请重新选择">
<div class="field<?cs if:Field.file.error ?> bad<?cs /if ?>" id="file" tabindex="-1">
<?cs call:field_error("file", Field.file) ?>
<?cs call:upload_open() ?>
<label for="file-camera">用前置相机录像</label>
<input type="file" id="file-camera"<?cs call:upload_name() ?> accept="video/*" capture="user">
<button class="btn" type="submit">上传录好的视频</button>
</form>
<?cs call:upload_open() ?>
<label for="file-album">或者选刚才录好的视频</label>
<input type="file" id="file-album"<?cs call:upload_name() ?> accept="video/*">
<button class="btn second" type="submit">上传选好的视频</button>
</form>
<div class="taps" hidden data-taps>
<button class="btn" type="button" data-pick="file-camera">打开相机录像</button>
<button class="btn second" type="button" data-pick="file-album">从相册选 / 没反应点这里</button>
</div>
<?cs include!"_progress.cs" ?>
</div>
</div>
</details>
<div class="swap" data-swap>
<?cs call:action_form("digits", "换一组数字", "btn second small") ?>
</div>
</div>
<?cs if:Live.manual_hint ?>
<?cs call:other_way() ?>
<?cs else ?>
<details class="more">
<summary>无法朗读，或不想录像？</summary>
<p>不方便说话，或者不想录像，也能办理。</p>
<?cs include!"_way.cs" ?>
</details>
<?cs /if ?>
<?cs /if ?>
<?cs include!"_foot.cs" ?>
