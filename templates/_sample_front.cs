<div class="sample sample-front" role="img" aria-label="身份证人像面示意图：右边有照片，四个角都要拍到"></div>
