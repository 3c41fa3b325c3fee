<?cs # Two forms, because one form would also send the empty part of the file input that was not used. With script the
  buttons replace the inputs, and the file goes up at once with progress. ?>
<div class="uploader" data-uploader data-url="<?cs var:Upload.url ?>" data-label="<?cs var:Side.label ?>" data-kind="image" data-max="<?cs var:Site.picture_bytes ?>"
data-text-sending="{label}上传中 {p}%" data-text-prepare="正在准备照片…" data-text-done="已上传，正在打开结果…" data-text-net="网络中断，已上传 {p}%，恢复后会自动继续" data-text-fail="没有传上去，请点“重试”" data-text-cancelled="已取消上传" data-text-type="请使用 JPG、PNG 或 BMP 格式的照片" data-text-big="文件不能超过 <?cs var:Site.picture_mb ?>MB" data-text-empty="这个文件是空的，请重新选择" data-text-small="照片太小，看不清字，请重新拍摄">
<div class="field<?cs if:Field.file.error ?> bad<?cs /if ?>" id="file" tabindex="-1">
<?cs call:field_error("file", Field.file) ?>
<?cs call:upload_open() ?>
<label for="file-camera">用相机拍<?cs var:Side.label ?></label>
<input type="file" id="file-camera"<?cs call:upload_name() ?> accept="image/*" capture="environment">
<button class="btn" type="submit">上传拍好的照片</button>
</form>
<?cs call:upload_open() ?>
<label for="file-album">或者从相册选</label>
<input type="file" id="file-album"<?cs call:upload_name() ?> accept="image/jpeg,image/png,image/bmp">
<button class="btn second" type="submit">上传选好的照片</button>
</form>
<div class="taps" hidden data-taps>
<button class="btn" type="button" data-pick="file-camera"><?cs if:Picture.url ?>重新拍摄<?cs else ?>打开相机<?cs /if ?></button>
<button class="btn second" type="button" data-pick="file-album">从相册选 / 没反应点这里</button>
</div>
<?cs include!"_progress.cs" ?>
</div>
</div>
